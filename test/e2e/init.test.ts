import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf, meshsim, ROOT } from './cli-process.ts';

/** A copy of a bundled scenario's manifests. */
function manifests(): string {
  const folder = folderOf({});
  cpSync(join(ROOT, 'scenarios/bookinfo/manifests'), folder, { recursive: true });
  return folder;
}

describe('meshsim init', () => {
  it('writes a scenario that runs at once, with files beside it', () => {
    const cwd = manifests();
    expect(meshsim(['init'], { cwd })).toMatchObject({ code: 0 });
    expect(readFileSync(join(cwd, 'scenario.yaml'), 'utf8')).toContain('# Assumed:');
    const args = ['run', 'scenario.yaml', '--out', 'junit=out.xml', '--out', 'requests=out.csv'];
    const { code, stdout } = meshsim(args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('through-bookinfo-gateway');
    expect(existsSync(join(cwd, 'out.xml')) && existsSync(join(cwd, 'out.csv'))).toBe(true);
  });

  it('finds the scenario of a folder however its path is written', () => {
    const cwd = folderOf({});
    cpSync(manifests(), join(cwd, 'mesh'), { recursive: true });
    expect(meshsim(['init', './mesh/'], { cwd })).toMatchObject({ code: 0 });
    const { stdout } = meshsim(['run', 'mesh', '--reproducible'], { cwd });
    expect(stdout).toContain('through-bookinfo-gateway');
    for (const path of ['./mesh/', './mesh/scenario.yaml', 'mesh/../mesh'])
      expect(meshsim(['run', path, '--reproducible'], { cwd }), path).toEqual({
        code: 0,
        stderr: '',
        stdout,
      });
  });

  it('prints with --out -, and replaces no file unasked', () => {
    const cwd = manifests();
    expect(meshsim(['init', '.', '--out', '-'], { cwd }).stdout).toMatch(/^title: /);
    expect(meshsim(['init'], { cwd }).code).toBe(0);
    const again = meshsim(['init'], { cwd });
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('scenario.yaml is there already');
    expect(meshsim(['init', '--force'], { cwd }).code).toBe(0);
    expect(meshsim(['init', 'nowhere'], { cwd }).code).toBe(2);
  });
});

describe('meshsim run', () => {
  const scenario = join(ROOT, 'scenarios/bookinfo/scenario.yaml');

  it('--envoy-stats prints what a proxy counted, by Envoy’s names', () => {
    const args = ['run', scenario, '--summary', 'none', '--envoy-stats', 'productpage-v1'];
    const { code, stdout } = meshsim(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^cluster\.outbound\|9080\|\|details.*upstream_rq_total: \d+$/m);
    expect(stdout).toMatch(/^cluster\..*details.*upstream_rq_time: P0\(\S+,\S+\) P25/m);
    expect(stdout).toMatch(/^http\..*downstream_rq_time: P0/m);
    expect(meshsim([...args.slice(0, -1), 'nobody']).code).toBe(2);
  });

  it('--series puts the run in buckets into JSON', () => {
    const { stdout } = meshsim(['run', scenario, '-o', 'json', '--series', '10s']);
    const { series } = JSON.parse(stdout) as { series: { stepMs: number; bucketCount: number } };
    expect(series).toMatchObject({ stepMs: 10_000, bucketCount: 12 });
  });
});
