import { loadText } from '#config/loader.ts';
import { callAddress } from '#mesh/istio-case-address.ts';
import { configOf, findProxy, inspectResources } from '#mesh/proxy-inspection.ts';
import { proxyModelOf } from '#mesh/proxy-runtime.ts';
import { type ResolvedCall, resolveCall } from '#mesh/resolve-call.ts';
import type { RunResult } from '#scenario/run-result.ts';
import type { ScenarioObject } from '#testing/scenario-object.ts';
import { simulateWith } from '#testing/simulate.ts';

/** Namespace `ns`: `web` calls `b` (versions v1 and v2, port 80), `c` (8080) and `multi` (8080 and 9090). */
export const BASE = `
${deployment('web', 'app: web')}
${deployment('b-v1', 'app: b, version: v1')}
${deployment('b-v2', 'app: b, version: v2')}
${deployment('c', 'app: c')}
${deployment('multi', 'app: multi')}
${service('b', '{app: b}', '{name: http, port: 80, targetPort: 8080}')}
${service('c', '{app: c}', '{name: http, port: 8080}')}
${service('multi', '{app: multi}', '{name: http-a, port: 8080}, {name: http-b, port: 9090}')}
`;

/** A Deployment of namespace `ns` unless the name has one: `other/web`. */
export function deployment(
  path: string,
  labels: string,
  rest: { annotations?: string; replicas?: number } = {},
): string {
  const { name, namespace } = namedIn(path);
  const { annotations = '{}', replicas = 1 } = rest;
  return `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {${labels}}}
  template:
    metadata: {labels: {${labels}}, annotations: ${annotations}}
    spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}`;
}

export function service(path: string, selector: string, ports: string, rest = ''): string {
  const { name, namespace } = namedIn(path);
  const more = rest === '' ? '' : `, ${rest}`;
  return `
---
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: ${selector}, ports: [${ports}]${more}}`;
}

/** An object of Istio's networking API. */
export function networking(kind: string, path: string, spec: string, metadata = ''): string {
  const { name, namespace } = namedIn(path);
  const more = metadata === '' ? '' : `, ${metadata}`;
  return `
---
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ${namespace}${more}}
spec: ${spec}`;
}

export const virtualService = (spec: string, path = 'vs', metadata?: string): string =>
  networking('VirtualService', path, spec, metadata);
export const destinationRule = (spec: string, path = 'dr', metadata?: string): string =>
  networking('DestinationRule', path, spec, metadata);
export const serviceEntry = (spec: string, path = 'se'): string =>
  networking('ServiceEntry', path, spec);
export const gateway = (servers: string, path = 'gw'): string =>
  networking('Gateway', path, `{selector: {istio: ingressgateway}, servers: [${servers}]}`);
export const peerAuthentication = (spec: string): string => `
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: pa, namespace: ns}
spec: ${spec}`;

/** Both versions of b as subsets. */
export const SUBSETS = destinationRule(
  '{host: b, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}',
  'subsets',
);

function namedIn(path: string): { readonly name: string; readonly namespace: string } {
  const [first = '', second] = path.split('/');
  return second === undefined
    ? { name: first, namespace: 'ns' }
    : { name: second, namespace: first };
}

/** Some keys of a scenario, or of a part of it, as a file would have them. */
export interface Part {
  readonly [key: string]: unknown;
}

export interface Asked {
  /** Manifests beside those of `BASE`. */
  readonly mesh?: string;
  /** Instead of `BASE`. */
  readonly base?: string;
  readonly request?: string;
  readonly count?: number;
  /** Of the client: `headers`, `through`, `sidecar`… */
  readonly client?: Part;
  /** Of the scenario: `workloads`, `meshConfig`, `timeline`… */
  readonly scenario?: Part;
}

export interface Answered {
  /** `200`, or `200, 503 UO`: every kind of answer that the client got, sorted. */
  readonly kinds: string;
  /** How many requests had an answer of each kind. */
  readonly counts: ReadonlyMap<string, number>;
  readonly attemptsPerRequest: number;
  /** How many requests each workload of `ns` served. */
  readonly served: ReadonlyMap<string, number>;
  /** The clusters that requests were sent to, by what the client's proxy chose. */
  readonly clusters: readonly string[];
  readonly result: RunResult;
}

/** What comes of requests from `web`, one after another, unless told otherwise. */
export function ask({
  mesh = '',
  base = BASE,
  request = 'GET http://b/',
  count = 20,
  client,
  scenario,
}: Asked): Answered {
  const { result } = simulateWith(
    undefined,
    {
      mesh: ['mesh.yaml'],
      clients: {
        load: {
          ...(client !== undefined && 'through' in client ? {} : { from: 'ns/web' }),
          request,
          load: { requests: count },
          ...client,
        },
      },
      allowUnknown: true,
      ...scenario,
    } as ScenarioObject,
    { files: { 'mesh.yaml': `${base}\n${mesh}` } },
  );
  const [asked] = result.clients;
  const counts = new Map<string, number>();
  for (const { code, flags, count: number } of asked!.responses)
    counts.set(flags === '-' ? String(code) : `${code} ${flags}`, number);
  return {
    kinds: [...counts.keys()].sort().join(', '),
    counts,
    attemptsPerRequest: asked!.attemptsPerRequest,
    served: new Map(
      result.workloads.map(({ name, requestCount }) => [name.replace('ns/', ''), requestCount]),
    ),
    clusters: result.splits.flatMap(({ parts }) => parts.map(({ cluster }) => cluster)).sort(),
    result,
  };
}

/** Every kind of answer. */
export const answers = (asked: Asked): string => ask(asked).kinds;

/** A call as a proxy takes it; nothing is sent. `proxy`: a workload of `ns`, or the gateway. */
export function called(
  mesh: string,
  proxy: string,
  call: { url: string; authority?: string },
): ResolvedCall {
  const { resources } = loadText('mesh.yaml', `${BASE}\n${mesh}`);
  const inspected = inspectResources(resources, undefined, []);
  const found = findProxy(inspected.view, proxy, undefined);
  if ('problem' in found) throw new Error(found.problem);
  const { protocol, hostname, host, port, pathname } = new URL(call.url);
  const isTls = protocol === 'https:';
  return resolveCall(configOf(inspected, found.pod), {
    protocol: 'http/1.1',
    address:
      found.pod.proxy === 'gateway'
        ? found.pod.ip
        : callAddress(hostname, proxyModelOf(found.pod), inspected.model),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    tls: isTls ? 'simple' : 'none',
    serverName: isTls ? hostname : '',
    isInbound: false,
    http: { method: 'GET', path: pathname, authority: call.authority ?? host, headers: [] },
  });
}
