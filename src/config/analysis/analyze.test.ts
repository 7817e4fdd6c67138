import { describe, expect, it } from 'vitest';
import { analyzeText } from './analyze-text.ts';

const object = (kind: string, apiVersion: string, name: string, rest: string) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: default}\n${rest}\n---\n`;
const networking = (kind: string, name: string, spec: string) =>
  object(kind, 'networking.istio.io/v1', name, `spec: ${spec}`);
const service = (name: string, ports = '{name: http, port: 80}') =>
  object('Service', 'v1', name, `spec: {selector: {app: ${name}}, ports: [${ports}]}`);
const pod = (name: string, labels: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: default, labels: {${labels}}}\nspec: {containers: [{name: istio-proxy, image: p}]}\n---\n`;
const route = (name: string, spec: string) => networking('VirtualService', name, spec);

/** Codes and messages, without the file's name. */
const cluster = (...texts: string[]) => said('cluster', texts.join(''));
const files = (...texts: string[]) => said('files', texts.join(''));
function said(mode: 'cluster' | 'files', text: string, mesh?: string): string[] {
  return analyzeText('m.yaml', text, mesh)[mode].messages.map(
    ({ code, message }) => `${code} ${message}`,
  );
}

describe('hosts of destinations', () => {
  it('must be known, by short name in the own namespace only', () => {
    const other = service('far').replace('namespace: default', 'namespace: other');
    const spec = '{hosts: [a.test], http: [{route: [{destination: {host: far}}]}]}';
    expect(cluster(service('near'), other, route('v', spec))).toEqual([
      'IST0101 Referenced host not found: "far"',
    ]);
  });

  it('must have the port that is named', () => {
    const spec =
      '{hosts: [a.test], http: [{route: [{destination: {host: web, port: {number: 81}}}]}]}';
    expect(cluster(service('web'), route('v', spec))).toEqual([
      'IST0101 Referenced host:port not found: "web:81"',
    ]);
  });

  it('may be covered by the wildcard of a ServiceEntry', () => {
    const entry = networking(
      'ServiceEntry',
      'e',
      '{hosts: ["*.out.test"], ports: [{number: 80, name: http, protocol: HTTP}], location: MESH_EXTERNAL}',
    );
    const spec = '{hosts: [a.test], http: [{route: [{destination: {host: api.out.test}}]}]}';
    expect(cluster(entry, route('v', spec))).toEqual([]);
  });

  it('are not known from files alone, their subsets are', () => {
    const spec = '{hosts: [a.test], http: [{route: [{destination: {host: nowhere, subset: v9}}]}]}';
    expect(files(route('v', spec))).toEqual([
      'IST0101 Referenced host+subset in destinationrule not found: "nowhere+v9"',
    ]);
  });
});

describe('gateways', () => {
  const gateway = (name: string, hosts: string) =>
    networking(
      'Gateway',
      name,
      `{selector: {istio: edge}, servers: [{hosts: [${hosts}], port: {number: 80, name: http, protocol: HTTP}}]}`,
    );
  const bound = (host: string) =>
    route('v', `{hosts: [${host}], gateways: [g], http: [{route: [{destination: {host: web}}]}]}`);

  it('serve hosts of the namespaces that they name', () => {
    expect(files(gateway('g', 'other/a.test'), bound('a.test'))).toEqual([
      'IST0132 one or more host [a.test] defined in VirtualService default/v not found in Gateway default/g.',
    ]);
    expect(files(gateway('g', './*.test'), bound('a.test'))).toEqual([]);
  });

  it('of the Gateway API are found too', () => {
    const listener = (rest: string) =>
      object(
        'Gateway',
        'gateway.networking.k8s.io/v1',
        'g',
        `spec: {listeners: [{name: l, port: 80, protocol: HTTP${rest}}]}`,
      );
    expect(files(listener(''), bound('a.test'))).toEqual([]);
    expect(files(listener(', hostname: b.test'), bound('a.test'))).toEqual([
      'IST0132 one or more host [a.test] defined in VirtualService default/v not found in Gateway default/g.',
    ]);
  });

  it('conflict when some pod has both and a host, port and bind are the same', () => {
    const wide = gateway('wide', 'a.test');
    const narrow = gateway('narrow', 'a.test').replace('{istio: edge}', '{istio: edge, zone: z}');
    const both = pod('p', 'istio: edge, zone: z');
    expect(cluster(wide, narrow, both).filter((it) => it.startsWith('IST0145'))).toEqual([
      'IST0145 Conflict with gateways default/wide (workload selector istio=edge,zone=z, port 80, hosts a.test).',
      'IST0145 Conflict with gateways default/narrow (workload selector istio=edge, port 80, hosts a.test).',
    ]);
  });
});

describe('policies', () => {
  it('of subsets see the labels of the node below a pod', () => {
    const node =
      'apiVersion: v1\nkind: Node\nmetadata: {name: node-1, labels: {topology.kubernetes.io/zone: z1}}\n---\n';
    const placed = pod('web-1', 'app: web').replace('spec: {', 'spec: {nodeName: node-1, ');
    const rule = (zone: string) =>
      networking(
        'DestinationRule',
        'd',
        `{host: web, subsets: [{name: near, labels: {topology.kubernetes.io/zone: ${zone}}}]}`,
      );
    expect(cluster(service('web'), node, placed, rule('z1'))).toEqual([]);
    expect(cluster(service('web'), node, placed, rule('z2'))).toEqual([
      'IST0173 The Subset near defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).',
    ]);
  });

  it('of access logs need a provider, unless the mesh has a default one', () => {
    const telemetry = object(
      'Telemetry',
      'telemetry.istio.io/v1',
      't',
      'spec: {accessLogging: [{}]}',
    );
    expect(files(telemetry)).toEqual([
      'IST0157 The Telemetry t in namespace "default" with empty providers will be ignored.',
    ]);
    expect(said('files', telemetry, 'defaultProviders: {accessLogging: [envoy]}')).toEqual([]);
  });

  it('of a namespace stand alone', () => {
    const telemetry = (name: string) =>
      object('Telemetry', 'telemetry.istio.io/v1', name, 'spec: {}');
    expect(files(telemetry('a'), telemetry('b'))).toEqual([
      'IST0160 The Telemetries [a b] in namespace "default" have no workload selector, which can lead to undefined behavior.',
      'IST0160 The Telemetries [a b] in namespace "default" have no workload selector, which can lead to undefined behavior.',
    ]);
  });
});

describe('messages', () => {
  const twice = route(
    'v',
    '{hosts: [a.test], http: [{fault: {delay: {percent: 5, fixedDelay: 1s}}, route: [{destination: {host: b, subset: s}}]}]}',
  );

  it('are sorted by level, then code', () => {
    expect(files(twice).map((text) => text.slice(0, 7))).toEqual(['IST0101', 'IST0002']);
  });

  it('name the line of the field, or the first line of the object', () => {
    const [first, second] = analyzeText('m.yaml', `\n${twice}`).files.messages;
    expect(first?.text).toContain('Error [IST0101] (VirtualService default/v m.yaml:5)');
    expect(second?.text).toContain('Warning [IST0002] (VirtualService default/v m.yaml:2)');
    expect([first?.line, second?.line]).toEqual([5, undefined]);
  });

  it('are silenced by an annotation, one code or all', () => {
    const silent = (codes: string) =>
      twice.replace(
        'namespace: default',
        `namespace: default, annotations: {galley.istio.io/analyze-suppress: "${codes}"}`,
      );
    expect(files(silent('IST0002')).map((text) => text.slice(0, 7))).toEqual(['IST0101']);
    expect(files(silent('*'))).toEqual([]);
  });

  it('do not speak of namespaces of Kubernetes itself', () => {
    expect(files(twice.replace('namespace: default', 'namespace: kube-system'))).toEqual([]);
  });

  it('leave out what can not be decoded, which is an error of its own', () => {
    const { files: got } = analyzeText('m.yaml', route('v', '{http: [{timeout: soon}]}'));
    expect(got.messages).toEqual([]);
    expect(got.parseErrors?.[0]).toContain('bad Duration: time: invalid duration "soon"');
  });
});

describe('objects that are not simulated', () => {
  it('are looked at where istioctl looks: patches of an EnvoyFilter', () => {
    const patch = (applyTo: string, operation: string) =>
      `{applyTo: ${applyTo}, patch: {operation: ${operation}, value: {name: f}}}`;
    const filter = (...patches: string[]) =>
      networking('EnvoyFilter', 'e', `{configPatches: [${patches.join(', ')}]}`);
    // Of every EnvoyFilter its validation warns.
    const codes = (text: string) =>
      files(text)
        .map((it) => it.slice(0, 7))
        .filter((code) => code !== 'IST0133');
    expect(codes(filter(patch('HTTP_ROUTE', 'ADD'), patch('CLUSTER', 'REPLACE')))).toEqual([
      'IST0152',
      'IST0153',
    ]);
    expect(codes(filter(patch('HTTP_FILTER', 'INSERT_BEFORE')))).toEqual(['IST0151']);
    expect(codes(filter(patch('HTTP_FILTER', 'INSERT_FIRST')))).toEqual([]);
  });

  it('are looked at where istioctl looks: conditions of a route', () => {
    const status =
      'status: {parents: [{conditions: [{type: Accepted, status: "False", reason: NoGateway, message: gone}]}]}';
    expect(cluster(object('HTTPRoute', 'gateway.networking.k8s.io/v1', 'r', status))).toEqual([
      'IST0171 A condition with a negative status is present: type=Accepted, reason=NoGateway, message=gone.',
    ]);
  });
});
