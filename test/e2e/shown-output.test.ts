import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { meshsim, ROOT } from './cli-process.ts';

/** A command that a page shows, and the lines that it shows of its answer. */
interface ShownOutput {
  readonly page: string;
  readonly command: string;
  readonly lines: readonly string[];
}

/** A backslash at its end continues a command on the next line. */
const BLOCK = /^```console\n\$ (?:npx )?meshsim ((?:.*\\\n)*.*)\n([\s\S]*?)^```$/gm;

const TUTORIALS = readdirSync(join(ROOT, 'docs/tutorials')).filter((name) => name.endsWith('.md'));
const PAGES = [
  'README.md',
  'docs/experiments.md',
  ...TUTORIALS.map((it) => `docs/tutorials/${it}`),
];

const shown = PAGES.flatMap((page): ShownOutput[] =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(BLOCK)].map(([, command, output]) => ({
    page,
    command: (command ?? '').trim(),
    lines: (output ?? '').split('\n').filter((line) => !/^\s*…?\s*$/.test(line)),
  })),
);

/** Words as a shell takes them: blanks part, single quotes hold together. */
function wordsOf(command: string): readonly string[] {
  const line = command.replaceAll('\\\n', ' ');
  return [...line.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
}

/** A line of the output that may stand for the shown one: `…` is anything, real time is another each day. */
function patternOf(line: string): RegExp {
  const literal = line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('…', '.*').replace(/in \d+\\\.\ds/, 'in .*')}`);
}

describe('what a page shows of a command', () => {
  it('is there', () => {
    expect(new Set(shown.map(({ page }) => page))).toEqual(new Set(PAGES));
  });

  it.each(shown)('is what it prints: $page, meshsim $command', ({ command, lines }) => {
    const { stdout } = meshsim(wordsOf(command));
    const printed = stdout.split('\n');
    let from = 0;
    for (const line of lines) {
      const at = printed.findIndex((one, index) => index >= from && patternOf(line).test(one));
      expect(at, `${line}\n  is not printed in its place:\n${stdout}`).toBeGreaterThanOrEqual(from);
      from = at + 1;
    }
  });
});
