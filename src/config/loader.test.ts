import { describe, expect, it } from 'vitest';
import { globMatcher, globRoot } from './glob.ts';
import { type Files, loadResources, loadText } from './loader.ts';
import { meshConfigOf, proxyDefaultsOf } from './mesh-config-read.ts';
import { storeOf } from './resource-store.ts';

const service = (name: string, extra = '') =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}${extra}}\nspec: {ports: [{port: 80}]}\n`;
const filesOf = (contents: Readonly<Record<string, string>>): Files => ({
  readFile: (path) => (path in contents ? { text: contents[path]! } : { problem: 'no such file' }),
  listFiles: (path) => {
    const below = Object.keys(contents).filter((it) => path === '.' || it.startsWith(`${path}/`));
    return below.length > 0 ? below.reverse() : undefined;
  },
});
const routeOf = (http: string) =>
  [
    'apiVersion: networking.istio.io/v1',
    'kind: VirtualService',
    'metadata: {name: web, namespace: shop}',
    'spec:',
    '  hosts: [web]',
    '  http:',
    `  - ${http}`,
  ].join('\n');

describe('inputs', () => {
  const files = filesOf({
    'm/b.yaml': service('b'),
    'm/a/z.yml': service('z'),
    'm/notes.txt': 'not yaml: [',
    'm/a/c.json': '{"apiVersion":"v1","kind":"Service","metadata":{"name":"c"}}',
    '-': service('stdin'),
  });
  const names = (...inputs: string[]) =>
    loadResources(inputs, files).resources.map((r) => r.metadata.name);

  it('of a folder are its manifests, recursive and sorted by path', () => {
    expect(names('m')).toEqual(['c', 'z', 'b']);
  });

  it('are also patterns and standard input, each file once', () => {
    expect(names('m/**/*.{yml,yaml}', 'm/b.yaml', '-')).toEqual(['z', 'b', 'stdin']);
  });

  it('that give nothing are an error that names them', () => {
    expect(
      loadResources(['gone.yaml', 'm/*.toml'], files).diagnostics.map((d) => d.message),
    ).toEqual(['no file matches m/*.toml', 'gone.yaml: no such file']);
  });

  it('match patterns as a shell does', () => {
    const matches = (pattern: string, path: string) => globMatcher(pattern)(path);
    expect(matches('a/*.yaml', 'a/b.yaml')).toBe(true);
    expect(matches('a/*.yaml', 'a/b/c.yaml')).toBe(false);
    expect(matches('a/**/c.yaml', 'a/c.yaml')).toBe(true);
    expect(matches('./[ab]?.yaml', 'b1.yaml')).toBe(true);
    expect(matches('[!ab].yaml', 'a.yaml')).toBe(false);
    expect(matches('a+(b).yaml', 'a+(b).yaml')).toBe(true);
    expect(matches('{{a,b},{c}}', 'b')).toBe(true);
    expect(matches('[z-a]', 'b')).toBe(false);
    expect([globRoot('a/b/*.yaml'), globRoot('*.yaml'), globRoot('/*')]).toEqual(['a/b', '.', '/']);
  });
});

describe('documents', () => {
  it('of kind List give their items, each with its own places', () => {
    const text =
      'apiVersion: v1\nkind: List\nitems:\n- kind: Service\n  apiVersion: v1\n  metadata:\n    name: s\n';
    const [found] = loadText('l.yaml', text).resources;
    expect(found?.metadata).toMatchObject({ name: 's', namespace: 'default' });
    expect(found?.placeOf(['metadata', 'name'])).toMatchObject({ line: 7, column: 11 });
  });

  it('without a namespace are in the default one, cluster-scoped ones in none', () => {
    const text = `${service('s')}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n, namespace: odd}\n`;
    const { resources } = loadText('m.yaml', text, { defaultNamespace: 'shop' });
    expect(resources.map((r) => r.metadata.namespace)).toEqual(['shop', '']);
  });

  it('that are no Kubernetes object are errors, empty ones are nothing', () => {
    const { diagnostics } = loadText('m.yaml', 'replicas: 3\n---\n---\nkind: Service\n---\n- 1\n');
    expect(diagnostics.map((d) => [d.code, d.at?.line, d.message])).toEqual([
      ['MS0125', 1, 'the document is no Kubernetes object: kind not set'],
      ['MS0125', 4, 'the document is no Kubernetes object: apiVersion not set'],
      ['MS0125', 6, 'the document is no Kubernetes object'],
    ]);
  });

  it('of kinds that meshsim does not read are kept and named', () => {
    const text =
      'apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: s}\nspec: {template: {}}\n';
    const loaded = loadText('s.yaml', text);
    const store = storeOf(loaded.resources, []);
    expect(loaded.diagnostics).toEqual([]);
    expect(store.of('Service')).toEqual([]);
    expect(store.others.map((r) => `${r.apiVersion} ${r.kind} ${r.metadata.name}`)).toEqual([
      'serving.knative.dev/v1 Service s',
    ]);
  });
});

describe('fields', () => {
  it('read as protobuf does: zero values, empty lists, absent messages', () => {
    const { resources } = loadText('v.yaml', routeOf('timeout: 1.5s'));
    const [route] = storeOf(resources, []).of('VirtualService')[0]!.spec.http;
    expect(route).toMatchObject({ name: '', match: [], timeout: 1_500_000_000 });
    expect(route?.retries).toBeUndefined();
    expect(route?.mirrorPercent).toBeUndefined();
  });

  it('may be written in snake_case', () => {
    const loaded = loadText(
      'v.yaml',
      routeOf('{mirror_percent: 5, retries: {per_try_timeout: 2s}}'),
    );
    const [route] = storeOf(loaded.resources, []).of('VirtualService')[0]!.spec.http;
    expect(loaded.diagnostics).toEqual([]);
    expect([route?.mirrorPercent, route?.retries?.perTryTimeout]).toEqual([5, 2_000_000_000]);
  });

  it('that no schema of Istio names are errors with a hint', () => {
    const { diagnostics } = loadText('v.yaml', routeOf('timout: 1s'));
    expect(diagnostics).toMatchObject([
      {
        code: 'MS0120',
        message: 'strict decoding error: unknown field "spec.http[0].timout"',
        hint: 'did you mean "timeout"?',
        at: { line: 7, column: 5, length: 6 },
      },
    ]);
  });

  it('of a wrong type are errors at their value, and the rest is still read', () => {
    const { diagnostics, resources } = loadText(
      'v.yaml',
      routeOf('{timeout: 5, name: on, route: {}}'),
    );
    expect(diagnostics.map((d) => [d.code, d.hint])).toEqual([
      ['MS0121', 'write a unit: 5s or 5ms'],
      ['MS0121', 'quote it: "true"'],
      ['MS0121', undefined],
    ]);
    expect(storeOf(resources, []).of('VirtualService')[0]?.spec.hosts).toEqual(['web']);
  });

  it('of an unserved version of Istio name the right one', () => {
    const text = routeOf('timeout: 1s').replace('/v1', '/v2');
    expect(loadText('v.yaml', text).diagnostics).toMatchObject([
      { code: 'MS0129', hint: 'write apiVersion: networking.istio.io/v1' },
    ]);
  });
});

describe('a store', () => {
  it('keeps of two objects with one name the later, with a note that names both places', () => {
    const loaded = loadText('m.yaml', `${service('a')}---\n${service('a', ', labels: {v: "2"}')}`);
    const notes = [...loaded.diagnostics];
    const store = storeOf(loaded.resources, notes);
    expect(store.of('Service').map((s) => s.metadata.labels.get('v'))).toEqual(['2']);
    expect(notes).toMatchObject([
      { code: 'MS0126', severity: 'info', at: { line: 8 }, related: [{ at: { line: 3 } }] },
    ]);
  });

  it('orders by namespace and name, whatever the order of the files', () => {
    const text = [service('b'), service('a'), service('c', ', namespace: alpha')].join('---\n');
    const store = storeOf(loadText('m.yaml', text).resources, []);
    expect(store.of('Service').map((s) => s.metadata.name)).toEqual(['c', 'a', 'b']);
  });

  it('is unchanged by an apply or a delete, which give another', () => {
    const before = storeOf(loadText('m.yaml', service('a')).resources, []);
    const after = before.with(loadText('n.yaml', service('b')).resources);
    expect([before.of('Service').length, after.of('Service').length]).toEqual([1, 2]);
    expect(
      after
        .without(before.all())
        .of('Service')
        .map((s) => s.metadata.name),
    ).toEqual(['b']);
    expect(after.find('Service', 'default', 'b')?.spec.ports[0]?.port).toBe(80);
  });
});

describe('the mesh configuration', () => {
  it('is read from the ConfigMap istio', () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n  mesh: |\n    outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n    connectTimeout: 1s\n    unheardOf: 1\n';
    const diagnostics: never[] = [];
    const mesh = meshConfigOf(storeOf(loadText('c.yaml', text).resources, []), diagnostics);
    expect(mesh).toMatchObject({
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
      connectTimeout: 1_000_000_000,
      enableAutoMtls: undefined,
    });
    expect(diagnostics).toEqual([]);
  });

  it('of one pod is read from its annotation', () => {
    expect(proxyDefaultsOf('concurrency: 4\nterminationDrainDuration: 30s')).toMatchObject({
      concurrency: 4,
      terminationDrainDuration: 30_000_000_000,
    });
  });
});
