import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf, meshsim, ROOT } from './cli-process.ts';

const SCENARIO = join(ROOT, 'scenarios/canary-how-exact/scenario.yaml');
const SWEEP = ['sweep', SCENARIO, '--vary', 'clients.hundred.load.requests=50,100', '--seeds', '2'];

const FAILING = `mesh: [${join(ROOT, 'scenarios/canary-how-exact/manifests/catalog.yaml')}]
workloads: { '*': { errors: { 503: 100% } } }
clients:
  shop: { from: shop, request: GET http://catalog/items, load: { requests: 10 } }
expect: [{ that: 'requests{reporter="destination"} / requests{client="shop"}', is: ">= 3" }]
`;

describe('meshsim sweep', () => {
  it('gives the same document from one thread, from several, and from merged shards', () => {
    const cwd = folderOf({});
    const alone = meshsim([...SWEEP, '--jobs', '1', '-o', 'json'], { cwd });
    expect(alone).toMatchObject({ code: 0, stderr: '' });
    expect(meshsim([...SWEEP, '--jobs', '2', '-o', 'json'], { cwd }).stdout).toBe(alone.stdout);
    for (const index of [1, 2])
      meshsim([...SWEEP, '--shard', `${index}/2`, '--out', `part-${index}.json`], { cwd });
    const merged = meshsim(['merge', 'part-1.json', 'part-2.json', '-o', 'json'], { cwd });
    expect(merged.stdout).toBe(alone.stdout);
    const half = meshsim(['merge', 'part-2.json'], { cwd });
    expect(half.code).toBe(2);
    expect(half.stderr).toContain('shard 1/2 is not here');
  });

  it('runs as of the release that --istio-version names', () => {
    // Until 1.23 503s are retried unless configuration says otherwise.
    const cwd = folderOf({ 'scenario.yaml': FAILING });
    const sweep = (version: string) =>
      meshsim(
        ['sweep', 'scenario.yaml', '--seeds', '1', '--allow-outside', '--istio-version', version],
        { cwd },
      );
    expect(sweep('1.23')).toMatchObject({ code: 0, stderr: '' });
    expect(sweep('1.24').code).toBe(1);
    expect(sweep('1.2').stderr).toContain(
      "option '--istio-version <version>' argument '1.2' is invalid",
    );
  });

  it('finds the value that breaks, and says when there is none', () => {
    const find = [
      'sweep',
      SCENARIO,
      '--seeds',
      '1',
      '--find',
      'clients.hundred.load.requests=10..80',
    ];
    const found = meshsim([...find, '--until', 'requests{client="hundred"} > 40']);
    expect(found.code).toBe(0);
    expect(found.stdout).toContain('BREAKS  clients.hundred.load.requests between 40 and 41');
    const none = meshsim([...find, '--until', 'requests{client="hundred"} > 4000']);
    expect(none.code).toBe(1);
    expect(none.stdout).toContain('DOES NOT BREAK');
  });

  it('ends with 1 where an expectation fails more often than it may; a shard leaves that to merge', () => {
    const cwd = folderOf({});
    const one = [
      'sweep',
      SCENARIO,
      '--seeds',
      '2',
      '--vary',
      'clients.hundred.load.requests=2,100',
    ];
    const whole = meshsim(one, { cwd });
    expect(whole.code).toBe(1);
    expect(whole.stdout).toMatch(/\nFAILED\n {2}✗ .* with clients\.hundred\.load\.requests=/);
    for (const index of [1, 2])
      expect(
        meshsim([...one, '--shard', `${index}/2`, '--out', `p${index}.json`], { cwd }).code,
      ).toBe(0);
    expect(meshsim(['merge', 'p1.json', 'p2.json'], { cwd }).code).toBe(1);
  });

  it('refuses keys and values that the scenario cannot have, before it runs', () => {
    const bad = meshsim(['sweep', SCENARIO, '--vary', 'clients.hundrd.load.requests=1,2']);
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('did you mean "hundred"?');
    expect(meshsim(['sweep', SCENARIO, '--vary', 'duration=1s,soon']).stderr).toContain(
      'with duration=soon',
    );
  });
});

describe('meshsim run', () => {
  it('--why and --trace name the line behind a failure', () => {
    const scenario = join(ROOT, 'scenarios/circuit-breaker-knobs/scenario.yaml');
    const args = ['run', scenario, '--summary', 'none', '--set', 'duration=5s'];
    const { code, stdout } = meshsim([...args, '--why', 'UO', '--trace', '503 UO']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/WHY {2}UO: \d+ requests\n.*DestinationRule stock, .*limits\.yaml:9/);
    expect(stdout).toMatch(
      /TRACE {2}one-pod:\d+, .*\n(.*\n)*.*the pool was full.*limits\.yaml:9\]/,
    );
    expect(meshsim([...args, '--trace', '418']).code).toBe(2);
  });
});
