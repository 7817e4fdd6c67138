import type { ClusterView } from '#mesh/cluster/cluster-view.ts';
import type { WorkloadFacts } from '#mesh/cluster/pod-facts.ts';
import type { NameAnswer } from '#mesh/cluster-dns.ts';

/** A client that manifests suggest, and why. */
export interface GuessedClient {
  readonly name: string;
  /** `from` a workload, or `through` a gateway; `namespace/name`. */
  readonly origin: { readonly kind: 'from' | 'through'; readonly workload: string };
  readonly request: string;
  readonly why: string;
  /** As it was measured: `{ rate: 42/s }`; undefined = the usual guess. */
  readonly load?: string;
}

/** What a client stands in when no workload is there to call from. */
export const OWN_CALLER = 'default/caller';

/** Those that were measured; else one for every host that manifests serve: at gateways, of Services, outside. */
export function guessClients(
  view: ClusterView,
  measured: readonly GuessedClient[] = [],
): readonly GuessedClient[] {
  const found =
    measured.length > 0
      ? measured.map((client) => throughGateway(view, client))
      : [...ofGateways(view), ...ofServices(view), ...ofServiceEntries(view)];
  const clients = found.length > 0 ? found : [OUTSIDE];
  const taken = new Set<string>();
  return clients.map((client) => {
    let { name } = client;
    for (let copy = 2; taken.has(name); copy++) name = `${client.name}-${copy}`;
    taken.add(name);
    return { ...client, name };
  });
}

/** What a gateway sends, comes from outside through it: by its route, if it has just one. */
function throughGateway(view: ClusterView, client: GuessedClient): GuessedClient {
  const { workload } = client.origin;
  const isGateway = view.workloads.get(workload)?.pods.some(({ proxy }) => proxy === 'gateway');
  if (isGateway !== true) return client;
  const [through, other] = [...ofGateways(view)].filter(
    ({ origin }) => origin.workload === workload,
  );
  if (through === undefined || other !== undefined)
    return { ...client, origin: { ...client.origin, workload: OWN_CALLER } };
  const { why, load } = client;
  return { ...through, why: `${through.why}; ${why}`, ...(load === undefined ? {} : { load }) };
}

const OUTSIDE: GuessedClient = {
  name: 'outside',
  origin: { kind: 'from', workload: OWN_CALLER },
  request: 'GET http://example.com/',
  why: 'the manifests serve no host: this one is outside the mesh',
};

/** Names that people give to workloads that send requests. */
const CALLER = /(^|-)(load-?generator|load-?tester|client|curl|sleep|fortio|caller|tester)(-|$)/;

/** A workload to call from: one that is there for it, else one without a Service, else any other. */
function callerFor(view: ClusterView, served: readonly WorkloadFacts[]): string {
  const all = [...view.workloads].filter(
    ([, { pods }]) => pods.length > 0 && pods.every(({ proxy }) => proxy !== 'gateway'),
  );
  const others = all.filter(([, workload]) => !served.includes(workload));
  const byName = others.find(([, { name }]) => CALLER.test(name));
  const unserved = others.find(([, workload]) => servicesOf(view, workload).length === 0);
  return (byName ?? unserved ?? others[0] ?? all[0])?.[0] ?? OWN_CALLER;
}

function servicesOf(view: ClusterView, { pods, namespace }: WorkloadFacts) {
  return view.store
    .of('Service')
    .filter(
      ({ metadata, spec }) => metadata.namespace === namespace && selects(spec.selector, pods),
    );
}

function selects(selector: ReadonlyMap<string, string>, pods: WorkloadFacts['pods']): boolean {
  return (
    selector.size > 0 &&
    pods.some(({ labels }) => [...selector].every(([name, value]) => labels.get(name) === value))
  );
}

function* ofServices(view: ClusterView): Generator<GuessedClient> {
  for (const service of view.store.of('Service')) {
    const { name } = service.metadata;
    const served = workloadsBehind(view, service);
    const isGateway = served.some(({ pods }) => pods.some(({ proxy }) => proxy === 'gateway'));
    const port = portOf(service);
    if (isGateway || port === undefined || service.spec.type === 'ExternalName') continue;
    const workload = callerFor(view, served);
    const request = requestOfService(service, workload.split('/')[0] ?? '');
    if (request === undefined) continue;
    yield {
      name: `to-${name}`,
      origin: { kind: 'from', workload },
      request,
      why: `Service ${name}, port ${port.port}${port.name === '' ? '' : ` (${port.name})`}`,
    };
  }
}

type Service = Extract<NameAnswer, { kind: 'service' }>['service'];

/** The workloads whose pods a Service selects. */
export function workloadsBehind(
  view: ClusterView,
  { metadata, spec }: Service,
): readonly WorkloadFacts[] {
  return [...view.workloads.values()].filter(
    ({ namespace, pods }) => namespace === metadata.namespace && selects(spec.selector, pods),
  );
}

/** A request to a Service from a namespace, at a port or the first that is not UDP; undefined without one. */
export function requestOfService(
  service: Service,
  fromNamespace: string,
  wantedPort?: number,
): string | undefined {
  const { name, namespace } = service.metadata;
  const port = portOf(service, wantedPort);
  if (port === undefined) return undefined;
  const host = namespace === fromNamespace ? name : `${name}.${namespace}`;
  return requestOf(protocolOf(port.name, port.appProtocol), host, port.port, '/');
}

function portOf({ spec }: Service, wanted?: number) {
  const usable = spec.ports.filter(({ protocol }) => protocol !== 'UDP');
  return wanted === undefined ? usable[0] : usable.find(({ port }) => port === wanted);
}

function* ofServiceEntries(view: ClusterView): Generator<GuessedClient> {
  for (const { metadata, spec } of view.store.of('ServiceEntry')) {
    const [host] = spec.hosts;
    const [port] = spec.ports;
    if (host === undefined || port === undefined) continue;
    yield {
      name: `to-${metadata.name}`,
      origin: { kind: 'from', workload: callerFor(view, []) },
      request: requestOf(
        protocolOf(port.protocol ?? '', undefined),
        named(host),
        port.number ?? 80,
        '/',
      ),
      why: `ServiceEntry ${metadata.name}`,
    };
  }
}

function* ofGateways(view: ClusterView): Generator<GuessedClient> {
  for (const gateway of view.store.of('Gateway')) {
    const workload = [...view.workloads].find(([, { pods }]) =>
      selects(gateway.spec.selector, pods),
    );
    if (workload === undefined) continue;
    const [key, facts] = workload;
    for (const server of gateway.spec.servers) {
      const protocol = (server.port?.protocol ?? '').toUpperCase();
      const route = routeOf(view, gateway.metadata);
      const host = server.hosts.map(withoutNamespace).find((it) => it !== '*') ?? route?.host;
      if (!['HTTP', 'HTTP2', 'GRPC', 'HTTPS'].includes(protocol) || route === undefined) continue;
      const port = servicePort(view, facts, server.port?.number ?? 80);
      const scheme = protocol === 'HTTPS' ? 'https' : 'http';
      yield {
        name: `through-${gateway.metadata.name}`,
        origin: { kind: 'through', workload: key },
        request: requestOf(scheme, named(host ?? '*'), port, route.path),
        why: `Gateway ${gateway.metadata.name} and VirtualService ${route.name}`,
      };
    }
  }
}

/** What a VirtualService of a gateway asks for first. */
function routeOf(
  view: ClusterView,
  { name, namespace }: { readonly name: string; readonly namespace: string },
) {
  for (const { metadata, spec } of view.store.of('VirtualService')) {
    const isBound = spec.gateways.some(
      (it) => it === `${namespace}/${name}` || (it === name && metadata.namespace === namespace),
    );
    const [route] = spec.http;
    if (!isBound || route === undefined) continue;
    const uri = route.match.find((match) => match.uri !== undefined)?.uri;
    const path = uri?.exact ?? uri?.prefix ?? '/';
    return { name: metadata.name, host: spec.hosts[0] ?? '*', path };
  }
  return undefined;
}

/** The port of the gateway's Service that leads to a server's port. */
function servicePort(view: ClusterView, facts: WorkloadFacts, target: number): number {
  const ports = servicesOf(view, facts).flatMap(({ spec }) => spec.ports);
  const isThere = ports.some(({ port }) => port === target);
  const mapped = ports.find(({ targetPort }) => String(targetPort) === String(target))?.port;
  return isThere ? target : (mapped ?? target);
}

/** `bookinfo/host` of a Gateway's server. */
function withoutNamespace(host: string): string {
  return host.slice(host.indexOf('/') + 1);
}

/** A name that a pattern stands for. */
function named(host: string): string {
  return host.replace(/^\*\./, 'www.').replace(/^\*$/, 'www.example.com');
}

type Scheme = 'http' | 'https' | 'h2c' | 'grpc' | 'tcp';

const SCHEMES: ReadonlyMap<string, Scheme> = new Map([
  ['http', 'http'],
  ['http2', 'h2c'],
  ['h2c', 'h2c'],
  ['grpc', 'grpc'],
  ['https', 'https'],
  ['tls', 'tcp'],
  ['tcp', 'tcp'],
  ['mongo', 'tcp'],
  ['mysql', 'tcp'],
  ['redis', 'tcp'],
]);

/** As Istio reads it: `appProtocol`, else the start of the port's name; unnamed is taken for HTTP. */
function protocolOf(name: string, appProtocol: string | undefined): Scheme {
  const text = (appProtocol ?? name).toLowerCase();
  return SCHEMES.get(text.split('-')[0] ?? '') ?? 'http';
}

const USUAL_PORTS: ReadonlyMap<Scheme, number> = new Map([
  ['http', 80],
  ['https', 443],
  ['h2c', 80],
]);

function requestOf(scheme: Scheme, host: string, port: number, path: string): string {
  const where = USUAL_PORTS.get(scheme) === port ? host : `${host}:${port}`;
  if (scheme === 'tcp') return `tcp://${where}`;
  if (scheme === 'grpc') return `POST grpc://${where}/example.Service/Method`;
  return `GET ${scheme}://${where}${path}`;
}
