import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { binomialUpperBound, claimOf } from '#scenario/sweep/claim.ts';
import { withOutput } from '../scenarios/lesson-output.ts';
import { libraryScenarios } from '../scenarios/library.ts';
import { meshsim, ROOT } from './cli-process.ts';

const all = libraryScenarios();
const folders = [...new Set(all.map(({ path }) => dirname(path)))].map((path) => ({
  path,
  name: path.slice(ROOT.length),
}));

describe('the scenario library', () => {
  it.each(all)('$name: every expectation holds', ({ path }) => {
    const { code, stdout, stderr } = meshsim(['run', path, '--reproducible']);
    expect(stderr).not.toMatch(/error/);
    expect(stdout).toMatch(/^EXPECTATIONS {2}[1-9][0-9]* held$/m);
    expect(code).toBe(0);
  });

  it.each(folders)('$name has a page that asks, shows and explains', ({ path }) => {
    const page = readFileSync(join(path, 'README.md'), 'utf8');
    expect(page).toMatch(/^# .+/);
    expect(page).toMatch(/^ {4}meshsim /m);
    for (const [, link] of page.matchAll(/\]\((?!https?:)([^)#]+)/g))
      expect(existsSync(join(path, link ?? '')), link).toBe(true);
  });

  it.each(folders.filter(({ name }) => name.startsWith('lessons/')))(
    '$name shows what its command prints (npm run lessons writes it)',
    ({ path, name }) => {
      const page = readFileSync(join(path, 'README.md'), 'utf8');
      const { stdout } = meshsim(['run', `${name}/scenario.yaml`]);
      expect(withOutput(page, stdout)).toBe(page);
    },
  );

  it.each(all)('$name names its schema in the first line', ({ path }) => {
    const [first] = readFileSync(path, 'utf8').split('\n');
    const [, schema] = /^# yaml-language-server: \$schema=(.+)$/.exec(first ?? '') ?? [];
    expect(existsSync(join(dirname(path), schema ?? 'none'))).toBe(true);
  });
});

describe('meshsim demo', () => {
  it('--list names every bundled scenario and its question', () => {
    const { stdout } = meshsim(['demo', '--list']);
    const names = all.flatMap(({ name }) => (name.includes('/') ? [] : [name]));
    const listed = stdout.trimEnd().split('\n');
    expect(listed.map((line) => line.split(' ')[0])).toEqual(names);
    for (const line of listed) expect(line).toMatch(/^\S+( \(\S+\))? {2,}\S/);
  });

  it('canary is canary-how-exact', () => {
    const { stdout, code } = meshsim(['demo', 'canary']);
    expect(stdout).toContain('The weights are 90/10');
    expect(code).toBe(0);
  });
});

describe('what an expectation claims over many seeds', () => {
  it('is 1 % of failures for ~X, so at most 5 in 100 runs', () => {
    // P(X > 4) = 0.0034 and P(X > 5) = 0.0005 for 100 runs at 1 %.
    expect(claimOf('~10%', 100)).toEqual({ failureShare: 0.01, mostFailures: 5 });
  });

  it('is no failure at all for ranges and bounds', () => {
    expect(claimOf('8%..12%', 100).mostFailures).toBe(0);
    expect(claimOf('< 250ms', 100).mostFailures).toBe(0);
  });

  it('never exceeds the number of runs', () => {
    expect(binomialUpperBound(1, 0.5, 0.001)).toBe(1);
  });
});
