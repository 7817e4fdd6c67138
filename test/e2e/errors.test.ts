import { describe, expect, it } from 'vitest';
import { folderOf, meshsim } from './cli-process.ts';

const MANIFEST = `apiVersion: v1
kind: Service
metadata: { name: catalog }
spec: { selector: { app: catalog }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: catalog }
spec: { template: { metadata: { labels: { app: catalog } } } }
`;

const SCENARIO = `mesh: catalog.yaml
clients:
  shop:
    from: catalog
    request: GET http://catalog/items
    load: { requests: 3 }
`;

/** Runs a scenario beside the manifest. */
function run(scenario: string, manifest = MANIFEST, options: readonly string[] = []) {
  return meshsim(['run', 'scenario.yaml', ...options], {
    cwd: folderOf({ 'scenario.yaml': scenario, 'catalog.yaml': manifest }),
  });
}

/** Every message has a place, the line, a caret and a hint, and nothing of our own inside. */
function expectReadable(stderr: string, place: string) {
  expect(stderr).toContain(`${place}: error MS`);
  expect(stderr).toMatch(/^ {2}\d+ \| .+\n +\| *\^+/m);
  expect(stderr).toContain('hint: ');
  expect(stderr).not.toMatch(/\n\s+at .+:\d+:\d+\)?$/m);
  expect(stderr).not.toContain('node:internal');
}

describe('meshsim run says what is wrong with a scenario', () => {
  it('runs the scenario that the others spoil', () => {
    const { code, stdout, stderr } = run(SCENARIO);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('200 : 3 (100%)');
  });

  it.each([
    ['at the top', `${SCENARIO}duraton: 10s\n`, '7:1', 'did you mean "duration"?'],
    ['in a client', SCENARIO.replace('request:', 'requst:'), '5:5', 'did you mean "request"?'],
    ['in a load', SCENARIO.replace('requests: 3', 'rat: 3/s'), '6:13', 'did you mean "rate"?'],
    ['in a workload', `${SCENARIO}workloads: { catalog: { latncy: 1ms } }\n`, '7:25', '"latency"'],
    [
      'in a latency',
      `${SCENARIO}workloads: { catalog: { latency: { p50: 1ms, p98: 2ms, p9: 3ms } } }\n`,
      '7:56',
      '"p9',
    ],
    [
      'in a timeline',
      `${SCENARIO}timeline: [{ at: 1s, aply: x.yaml }]\n`,
      '7:22',
      'did you mean "apply"?',
    ],
    [
      'in an expectation',
      `${SCENARIO}expect: [{ that: requests, is: "> 0", durng: 0s..1s }]\n`,
      '7:39',
      'did you mean "during"?',
    ],
  ])('a misspelt key %s', (_, scenario, place, hint) => {
    const { code, stderr, stdout } = run(scenario);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expectReadable(stderr, `scenario.yaml:${place}`);
    expect(stderr).toContain(hint);
  });

  it('a missing scenario file', () => {
    const { code, stderr } = meshsim(['run', 'nowhere.yaml'], { cwd: folderOf({}) });
    expect(code).toBe(2);
    expect(stderr).toContain('cannot read nowhere.yaml: no such file');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('a folder with nothing in it', () => {
    const { code, stderr } = meshsim(['run', '.'], { cwd: folderOf({}) });
    expect(code).toBe(2);
    expect(stderr).toContain('cannot read .: no scenario.yaml is in this folder, and no manifest');
  });

  it('a file that is no text', () => {
    const latin = folderOf({ 'scenario.yaml': Buffer.from('title: \u00e9\n', 'latin1') });
    const wide = folderOf({ 'scenario.yaml': Buffer.from('\ufefftitle: a\n', 'utf16le') });
    const saidOf = (cwd: string) => meshsim(['run', 'scenario.yaml'], { cwd });
    expect(saidOf(latin)).toMatchObject({
      code: 2,
      stderr:
        'error MS0208: cannot read scenario.yaml: it is no UTF-8 text, from line 1, column 8 on\n',
    });
    expect(saidOf(wide)).toMatchObject({
      code: 2,
      stderr: 'error MS0208: cannot read scenario.yaml: it is UTF-16; save it as UTF-8\n',
    });
  });

  it('a place where nothing can be written', () => {
    const cwd = folderOf({ 'scenario.yaml': SCENARIO, 'catalog.yaml': MANIFEST });
    for (const format of ['json', 'html'])
      expect(
        meshsim(['run', 'scenario.yaml', '--out', `${format}=no/where`], { cwd }),
      ).toMatchObject({
        code: 2,
        stderr: 'error: cannot write no/where: no such folder\n',
      });
    expect(meshsim(['init', '.', '--out', 'no/where'], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error: cannot write no/where: no such folder\n  hint: '),
    });
  });

  it('a missing manifest of analyze, without calling it sound', () => {
    expect(meshsim(['analyze', 'none.yaml'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error MS0106: none.yaml: no such file\n',
    });
  });

  it('a missing manifest, where it is named', () => {
    const { code, stderr } = run(SCENARIO.replace('catalog.yaml', 'catalgo.yaml'));
    expect(code).toBe(2);
    expect(stderr).toContain('scenario.yaml:1:7: error ');
    expect(stderr).toContain('catalgo.yaml: no such file');
  });

  it('a YAML syntax error in the scenario', () => {
    const { code, stderr } = run(SCENARIO.replace('{ requests: 3 }', '{ requests: 3'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/scenario\.yaml:\d+:\d+: error MS0100: not valid YAML/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('a YAML syntax error in a manifest', () => {
    const { code, stderr } = run(SCENARIO, MANIFEST.replace('kind: Service', 'kind: [Service'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/catalog\.yaml:\d+:\d+: error MS0100/);
  });

  it('a host that nobody serves', () => {
    const { code, stderr } = run(SCENARIO.replace('http://catalog/', 'http://catalgo/'));
    expect(code).toBe(2);
    expectReadable(stderr, 'scenario.yaml:5:14');
    expect(stderr).toContain('nobody serves the host "catalgo"');
    expect(stderr).toContain('did you mean "catalog"?');
  });

  it('a workload that the mesh does not have', () => {
    const { code, stderr } = run(SCENARIO.replace('from: catalog', 'from: catalgo'));
    expect(code).toBe(2);
    expectReadable(stderr, 'scenario.yaml:4:11');
    expect(stderr).toContain('did you mean "catalog"?');
  });

  it.each([
    ['in block style', `${SCENARIO}expect:\n  - that: requests\n    is: > 5\n`],
    ['in flow style', `${SCENARIO}expect:\n  - { that: requests, is: > 5 }\n`],
  ])('a comparison without quotes %s', (_, scenario) => {
    const { code, stderr } = run(scenario);
    expect(code).toBe(2);
    expect(stderr).toMatch(/scenario\.yaml:\d+:\d+: error MS0206/);
    expect(stderr).toContain('put it in quotes: is: "> 5"');
  });

  it('an expectation that asks for a label nobody has', () => {
    const { code, stderr } = run(
      `${SCENARIO}expect: [{ that: 'requests{destnation_version="v1"}', is: "> 0" }]\n`,
    );
    expect(code).toBe(2);
    expect(stderr).toContain('scenario.yaml:7:');
    expect(stderr).toContain('destination_version');
  });

  it('services that call one another in a circle', () => {
    const { code, stderr } = run(
      `${SCENARIO}workloads: { catalog: { calls: [GET http://catalog/] } }\n`,
    );
    expect(code).toBe(2);
    expectReadable(stderr, 'scenario.yaml:7:33');
    expect(stderr).toContain('default/catalog → default/catalog');
  });
});

describe('the command line', () => {
  it('says in short what it does when nothing is asked', () => {
    const { code, stdout } = meshsim([]);
    expect(code).toBe(0);
    expect(stdout.match(/^ {2}meshsim (demo|run|proxy-config)/gm)).toHaveLength(3);
  });

  it('suggests the command that was meant', () => {
    const { code, stderr } = meshsim(['rnu', 'scenario.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean run?');
  });

  it('knows no help for a command that there is not, and suggests one', () => {
    const { code, stdout, stderr } = meshsim(['help', 'analyse']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain("error: unknown command 'analyse'\n(Did you mean analyze?)");
    expect(meshsim(['help', 'pc'])).toMatchObject({ code: 0, stderr: '' });
    expect(meshsim(['help']).stdout).toContain('Commands:');
  });

  it('names the limit of what is too long', () => {
    const { code, stderr } = run(`${SCENARIO}duration: 9999999h\n`);
    expect(code).toBe(2);
    expect(stderr).toContain('9999999h is longer than 100 days');
    const option = meshsim(['run', 'scenario.yaml', '--series', '9999999h']);
    expect(option.stderr).toContain('want at most 100 days');
  });

  it('asks for requests that can be meant before it runs', () => {
    const { code, stdout, stderr } = run(SCENARIO, MANIFEST, ['--trace', 'respnse_code="503"']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(
      "option '--trace <labels>' argument 'respnse_code=\"503\"' is invalid",
    );
    expect(stderr).toContain('did you mean "response_code"?');
  });

  it('suggests the option that was meant', () => {
    const { code, stderr } = meshsim(['run', 'scenario.yaml', '--sed', '3']);
    expect(code).toBe(2);
    expect(stderr).toContain('--seed');
  });

  it('ends with 1 when an expectation fails, and says which', () => {
    const { code, stdout } = run(
      `${SCENARIO}expect: [{ that: 'count(requests{client="shop"})', is: "> 5" }]\n`,
    );
    expect(code).toBe(1);
    expect(stdout).toContain('1 failed');
  });

  it('prints one JSON document with -o json', () => {
    const cwd = folderOf({ 'scenario.yaml': SCENARIO, 'catalog.yaml': MANIFEST });
    const { stdout } = meshsim(['run', 'scenario.yaml', '-o', 'json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'meshsim/summary/v1', seed: 1 });
  });

  it('prints the same bytes for the same input', () => {
    const cwd = folderOf({ 'scenario.yaml': SCENARIO, 'catalog.yaml': MANIFEST });
    const args = ['run', 'scenario.yaml', '--reproducible', '--summary', 'full'];
    expect(meshsim(args, { cwd }).stdout).toBe(meshsim(args, { cwd }).stdout);
  });

  it('reads manifests of a scenario from standard input', () => {
    const cwd = folderOf({ 'scenario.yaml': SCENARIO.replace('catalog.yaml', '"-"') });
    const { code, stdout } = meshsim(['run', 'scenario.yaml'], { cwd, input: MANIFEST });
    expect(code).toBe(0);
    expect(stdout).toContain('200 : 3 (100%)');
  });

  it('takes parameters, and knows those that are not declared', () => {
    const scenario = `params: { count: 3 }\n${SCENARIO.replace('requests: 3', 'requests: "${count}"')}`;
    const cwd = folderOf({ 'scenario.yaml': scenario, 'catalog.yaml': MANIFEST });
    const set = meshsim(['run', 'scenario.yaml', '--set', 'count=7'], { cwd });
    expect(set.stdout).toContain('200 : 7 (100%)');
    const wrong = meshsim(['run', 'scenario.yaml', '--set', 'cuont=7'], { cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('did you mean "count"?');
  });

  it('warns of objects that are not simulated, and refuses them with --strict', () => {
    const policy = `${MANIFEST}---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: nobody }
spec: {}
`;
    const cwd = folderOf({ 'scenario.yaml': SCENARIO, 'catalog.yaml': policy });
    const plain = meshsim(['run', 'scenario.yaml'], { cwd });
    expect(plain.code).toBe(0);
    expect(plain.stderr).toContain('AuthorizationPolicy');
    expect(plain.stdout).toContain('default/nobody');
    expect(meshsim(['run', 'scenario.yaml', '--strict'], { cwd }).code).toBe(2);
  });

  it('lists the bundled scenarios and runs one by its alias', () => {
    expect(meshsim(['demo', '--list']).stdout).toContain('canary-how-exact (canary)');
    const { code, stdout } = meshsim(['demo', 'canary']);
    expect(code).toBe(0);
    expect(stdout).toContain('5 held');
    expect(meshsim(['demo', 'cannary']).stderr).toContain('did you mean "canary"?');
  });
});
