import type { ProxyConfig } from '#istiod/generate.ts';
import type { FieldOrigins, Origin, Origins } from '#istiod/origin.ts';
import type { Place } from '#source/diagnostic.ts';
import { parseRequestTarget } from '#world/request-target.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { Route } from '#xds/route.ts';
import type { PodFacts } from './cluster/pod-facts.ts';
import { targetPortOf } from './cluster-dns.ts';
import { callAddress } from './istio-case-address.ts';
import { configOf, type InspectedMesh } from './proxy-inspection.ts';
import { proxyModelOf } from './proxy-runtime.ts';
import { type ResolvedCall, resolveCall } from './resolve-call.ts';
import { ruleKey } from './route-coverage.ts';

/** One request to be explained. */
export interface InspectedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What happens to a request at one proxy, and why. */
export interface RouteExplanation {
  readonly proxy: string;
  readonly call: ResolvedCall;
  readonly trials: readonly TriedRoute[];
  readonly destinations: readonly Destination[];
  readonly policies: readonly AppliedPolicy[];
  readonly virtualHostAt: Place | undefined;
}

export interface TriedRoute {
  readonly route: Route;
  readonly hasMatched: boolean;
  /** The first condition that failed, in words. */
  readonly why: string;
  readonly object: string;
  readonly at: Place | undefined;
  /** The rule that it was made from, by `ruleKey`. */
  readonly rule: string;
}

/** A cluster that the route leads to. */
export interface Destination {
  readonly cluster: string;
  /** In percent. */
  readonly share: number;
  /** Undefined: no such cluster, so the answer is 503 NC. */
  readonly config: Cluster | undefined;
  readonly endpointCount: number;
}

/** A setting that applies to the request, and who set it. */
export interface AppliedPolicy {
  readonly name: string;
  readonly value: string;
  /** `DestinationRule reviews`, or `Istio default`. */
  readonly from: string;
  readonly at: Place | undefined;
}

export type InspectedRoute =
  | { readonly explanation: RouteExplanation }
  | { readonly problem: string };

/** Says where one request that leaves (or enters, at a gateway) a pod's proxy goes, and why. */
export function inspectRoute(
  mesh: InspectedMesh,
  pod: PodFacts,
  request: InspectedRequest,
): InspectedRoute {
  const proxy = proxyModelOf(pod);
  const isGateway = pod.proxy === 'gateway';
  return explainRequest(configOf(mesh, pod), request, {
    proxy: `${pod.name}.${pod.namespace}`,
    addressOf: (host) => (isGateway ? pod.ip : callAddress(host, proxy, mesh.model)),
    portOf: (port) => (isGateway ? containerPort(mesh, pod, port) : port),
    meets: (address) => isGateway || pod.capture.capturesOutbound(address),
    otherwise: 'Istio default',
  });
}

/** What is known of the proxy beside its configuration. */
export interface ProxyAround {
  readonly proxy: string;
  /** The address that its application finds for a host. */
  readonly addressOf: (host: string) => string;
  /** The port on which a call of a Service's port arrives. */
  readonly portOf: (port: number) => number;
  /** Whether a connection to `ip:port` meets the proxy at all. */
  readonly meets: (address: string) => boolean;
  /** Who has set what nobody says to have set. */
  readonly otherwise: string;
}

/** The configuration that a request meets, with its origins as far as they are known. */
export type ExplainedConfig = Pick<
  ProxyConfig,
  'listeners' | 'routes' | 'clusters' | 'endpoints' | 'origins' | 'fieldOrigins'
>;

/** Follows one request through a proxy's configuration. */
export function explainRequest(
  config: ExplainedConfig,
  request: InspectedRequest,
  around: ProxyAround,
): InspectedRoute {
  const parsed = parseRequestTarget(`${request.method} ${request.url}`);
  if ('problem' in parsed) return { problem: `${parsed.problem} (${parsed.hint})` };
  const { target } = parsed;
  const address = around.addressOf(target.host);
  const port = around.portOf(target.port);
  if (!around.meets(`${address}:${port}`)) {
    const why = 'annotations traffic.sidecar.istio.io/… of the pod exclude it';
    return { problem: `${address}:${port} is not captured by the sidecar (${why})` };
  }
  const call = resolveCall(config, {
    protocol: target.scheme === 'h2c' || target.scheme === 'grpc' ? 'h2' : 'http/1.1',
    address,
    port,
    tls: target.scheme === 'https' ? 'simple' : 'none',
    serverName: target.scheme === 'https' ? target.host : '',
    isInbound: false,
    http: {
      method: target.method,
      path: target.path,
      authority: target.authority,
      headers: request.headers,
    },
  });
  const { origins, fieldOrigins } = config;
  const host = call.routing?.virtualHost;
  const explanation: RouteExplanation = {
    proxy: around.proxy,
    call,
    trials: triedRoutes(call, origins),
    destinations: destinationsOf(call, config),
    policies: policiesOf(call, config.clusters, {
      origins,
      fieldOrigins,
      otherwise: around.otherwise,
    }),
    virtualHostAt: host && origins.get(host.xds)?.at,
  };
  return { explanation };
}

function triedRoutes(call: ResolvedCall, origins: Origins): readonly TriedRoute[] {
  return (call.routing?.trials ?? []).map(({ route, failed }) => {
    const origin = origins.get(route.xds);
    return {
      route: route.xds,
      hasMatched: failed === undefined,
      why: failed?.text ?? '',
      object: objectName(origin),
      at: origin?.at,
      rule: ruleKey(origin),
    };
  });
}

interface Provenance {
  readonly origins: Origins;
  readonly fieldOrigins: FieldOrigins;
  readonly otherwise: string;
}

function objectName(origin: Origin | undefined): string {
  return origin === undefined ? '' : `${origin.kind} ${origin.name}`;
}

function containerPort({ view, dns }: InspectedMesh, pod: PodFacts, port: number): number {
  for (const service of view.store.of('Service')) {
    if (!dns.podsOf(service).some((it) => it === pod)) continue;
    const target = targetPortOf(service, port, pod);
    if (target !== undefined) return target;
  }
  return port;
}

function destinationsOf(call: ResolvedCall, config: ExplainedConfig): readonly Destination[] {
  const outcome = call.routing?.outcome;
  const forwards = outcome?.kind === 'forward' ? outcome.to : [];
  const total = forwards.reduce((sum, { weight }) => sum + weight, 0);
  const tcp = call.tcpProxy?.cluster;
  const named =
    tcp === undefined
      ? forwards.map(({ cluster, weight }) => ({ cluster, share: (100 * weight) / total }))
      : [{ cluster: tcp, share: 100 }];
  return named.map(({ cluster, share }) => {
    const found = config.clusters.find(({ name }) => name === cluster);
    const assignment = config.endpoints.get(cluster) ?? found?.loadAssignment;
    const endpointCount = (assignment?.endpoints ?? []).reduce(
      (sum, group) => sum + (group.lbEndpoints?.length ?? 0),
      0,
    );
    return { cluster, share, config: found, endpointCount };
  });
}

/** Fields of a route's action and of a cluster that people look for. */
function policiesOf(
  call: ResolvedCall,
  clusters: readonly Cluster[],
  provenance: Provenance,
): readonly AppliedPolicy[] {
  const action = call.routing?.route?.xds.route;
  if (action === undefined) return [];
  const policies: AppliedPolicy[] = [];
  const add = (name: string, value: string, origin: Origin | undefined): void => {
    const from = origin === undefined ? provenance.otherwise : objectName(origin);
    policies.push({ name, value, from, at: origin?.at });
  };
  const fields = provenance.fieldOrigins.get(action);
  add(
    'timeout',
    action.timeout === '0s' ? 'none' : (action.timeout ?? '15s'),
    fields?.get('timeout'),
  );
  const retry = action.retryPolicy;
  if (retry !== undefined)
    add(
      'retries',
      `${retry.numRetries ?? 1} on ${retry.retryOn ?? ''}`,
      fields?.get('retryPolicy'),
    );
  const names = new Set([
    ...(action.cluster === undefined ? [] : [action.cluster]),
    ...(action.weightedClusters?.clusters ?? []).map(({ name = '' }) => name),
  ]);
  for (const cluster of clusters) {
    if (!names.has(cluster.name)) continue;
    const of = provenance.fieldOrigins.get(cluster);
    add(
      `load balancing of ${cluster.name}`,
      cluster.lbPolicy ?? 'ROUND_ROBIN',
      of?.get('lbPolicy'),
    );
    if (cluster.outlierDetection !== undefined)
      add(`outlier detection of ${cluster.name}`, 'on', of?.get('outlierDetection'));
    if (of?.get('circuitBreakers') !== undefined)
      add(`circuit breakers of ${cluster.name}`, limitsText(cluster), of.get('circuitBreakers'));
  }
  return policies;
}

const UNLIMITED = 4294967295;

function limitsText({ circuitBreakers }: Cluster): string {
  const limits = circuitBreakers?.thresholds?.[0] ?? {};
  return Object.entries(limits)
    .filter(([, value]) => typeof value === 'number' && value !== UNLIMITED)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}
