import type { Origin } from '#istiod/origin.ts';
import type { Place } from '#source/diagnostic.ts';
import type { Asked } from '#telemetry/labels.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { Route } from '#xds/route.ts';
import { explainNoRoute } from './explain-no-route.ts';
import type { Cause, ExplainedConfig as Config } from './explained-config.ts';
import type { Mesh } from './mesh.ts';
import { clusterNamed, endpointsNamed, routesOf } from './snapshot-lists.ts';

/** What is known of a way to fail. */
export interface Failure {
  readonly code: number;
  /** As logged: `UO`, `URX,UF`. */
  readonly flags: string;
  /** The proxy that set the flags. */
  readonly proxy: string;
  /** '' if no route matched. */
  readonly cluster: string;
  readonly route: string;
  /** Of what no route took. */
  readonly asked: Asked | undefined;
}

/** The object and setting behind a failure. */
export interface FailureCause {
  /** `DestinationRule catalog`. */
  readonly object: string;
  readonly at: Place | undefined;
  /** As written: `http1MaxPendingRequests: 1`. */
  readonly setting: string;
}

/** The first flag that is known decides; that retries were used up only when nothing else is said. */
const EXPLANATIONS: ReadonlyMap<string, (failure: Failure, config: Config) => Cause | undefined> =
  new Map([
    ['NR', noRoute],
    ['NC', missingCluster],
    ['UO', overflow],
    ['UH', noHealthyHost],
    ['FI', injectedFault],
    ['UT', routeTimeout],
    ['UC', transportSecurity],
    ['UF', transportSecurity],
    ['URX', retriesUsedUp],
  ]);

/** Finds the object and setting that a failure comes from; undefined where none is to blame. */
export function explainFailure(mesh: Mesh, failure: Failure): FailureCause | undefined {
  const proxy = mesh.proxies.find(({ name }) => name === failure.proxy);
  if (proxy === undefined) return undefined;
  const config = {
    snapshot: proxy.snapshot,
    provenance: mesh.provenance,
    labels: proxy.model.labels,
    given: mesh.given,
  };
  const flags = failure.flags.split(',');
  for (const flag of [...flags.filter((it) => it !== 'URX'), 'URX']) {
    if (!flags.includes(flag)) continue;
    const cause = EXPLANATIONS.get(flag)?.(failure, config);
    if (cause === undefined) continue;
    const { origin, setting } = cause;
    return { object: `${origin.kind} ${origin.name}`, at: origin.at, setting };
  }
  return undefined;
}

function noRoute({ asked }: Failure, config: Config): Cause | undefined {
  return asked && explainNoRoute(asked, config);
}

/** A route leads to a cluster that does not exist: its subset or its service is not declared. */
function missingCluster({ cluster }: Failure, config: Config): Cause | undefined {
  const [, port = '', subset = '', host = ''] = cluster.split('|');
  const setting =
    subset === ''
      ? `destination ${host || cluster}: no service has port ${port}`
      : `subset: ${subset} (no DestinationRule for ${host} declares it)`;
  for (const route of routesOf(config.snapshot)) {
    const entry = route.route?.weightedClusters?.clusters.find(({ name }) => name === cluster);
    const origins = config.provenance.origins;
    if (entry !== undefined) {
      const origin = origins.get(entry) ?? origins.get(route);
      if (origin !== undefined) return { origin, setting };
    }
    if (route.route?.cluster !== cluster) continue;
    const field = config.provenance.fieldOrigins.get(route.route)?.get('cluster');
    const origin = field ?? origins.get(route);
    if (origin !== undefined) return { origin, setting };
  }
  return undefined;
}

/** Envoy's limits by the names that DestinationRules give them. */
const LIMITS = [
  ['maxConnections', 'maxConnections'],
  ['maxPendingRequests', 'http1MaxPendingRequests'],
  ['maxRequests', 'http2MaxRequests'],
  ['maxRetries', 'maxRetries'],
] as const;
const UNLIMITED = 4294967295;

function overflow({ cluster }: Failure, config: Config): Cause | undefined {
  const found = clusterOf(cluster, config);
  const origin = found && fieldOrigin(found, 'circuitBreakers', config);
  if (origin === undefined) return undefined;
  const thresholds = found?.circuitBreakers?.thresholds?.[0];
  const limits = LIMITS.flatMap(([field, written]) => {
    const value = thresholds?.[field];
    return value === undefined || value === UNLIMITED ? [] : [`${written}: ${value}`];
  });
  return { origin, setting: limits.join(', ') };
}

/** All hosts are ejected, or the subset's labels match no pod. */
function noHealthyHost({ cluster }: Failure, config: Config): Cause | undefined {
  const found = clusterOf(cluster, config);
  if (found === undefined) return undefined;
  const assignment = endpointsNamed(config.snapshot, cluster);
  const hostCount = (assignment?.endpoints ?? []).reduce(
    (sum, group) => sum + (group.lbEndpoints?.length ?? 0),
    0,
  );
  const [, , subset = ''] = cluster.split('|');
  if (hostCount === 0) {
    const origin = config.provenance.origins.get(found);
    const setting = subset === '' ? 'no endpoints' : `subset ${subset}: its labels match no pod`;
    return origin && { origin, setting };
  }
  const origin = fieldOrigin(found, 'outlierDetection', config);
  return origin && { origin, setting: 'outlierDetection' };
}

function injectedFault(failure: Failure, config: Config): Cause | undefined {
  return causeOfRoute(failure, config, (route) => {
    const fault = route.typedPerFilterConfig?.['envoy.filters.http.fault'];
    const origin = fault && config.provenance.origins.get(fault);
    return origin && { origin, setting: 'fault' };
  });
}

function routeTimeout(failure: Failure, config: Config): Cause | undefined {
  return causeOfRoute(failure, config, (route) => {
    const fields = route.route && config.provenance.fieldOrigins.get(route.route);
    const timeout = fields?.get('timeout');
    if (timeout !== undefined)
      return { origin: timeout, setting: `timeout: ${route.route?.timeout ?? ''}` };
    const perTry = route.route?.retryPolicy?.perTryTimeout;
    const retries = fields?.get('retryPolicy');
    return perTry === undefined || retries === undefined
      ? undefined
      : { origin: retries, setting: `perTryTimeout: ${perTry}` };
  });
}

/** As Istio counts them: `attempts` are retries. */
function retriesUsedUp(failure: Failure, config: Config): Cause | undefined {
  return causeOfRoute(failure, config, ({ route }) => {
    const fields = route && config.provenance.fieldOrigins.get(route);
    const origin = fields?.get('retryPolicy');
    const { numRetries, retryOn = '' } = route?.retryPolicy ?? {};
    return origin && { origin, setting: `retries: ${numRetries ?? 1} on ${retryOn}, all used up` };
  });
}

function transportSecurity({ cluster }: Failure, config: Config): Cause | undefined {
  const found = clusterOf(cluster, config);
  const origin = found && fieldOrigin(found, 'transportSocket', config);
  return origin && { origin, setting: 'tls' };
}

/** The first answer of a route that leads to the failure's cluster, by its name if it has one. */
function causeOfRoute(
  { cluster, route: name }: Failure,
  config: Config,
  causeOf: (route: Route) => Cause | undefined,
): Cause | undefined {
  for (const route of routesOf(config.snapshot)) {
    if (name !== '' && (route.name ?? '') !== name) continue;
    if (cluster !== '' && !leadsTo(route, cluster)) continue;
    const cause = causeOf(route);
    if (cause !== undefined) return cause;
  }
  return undefined;
}

function leadsTo({ route }: Route, cluster: string): boolean {
  return (
    route?.cluster === cluster ||
    route?.weightedClusters?.clusters.some(({ name }) => name === cluster) === true
  );
}

function clusterOf(name: string, { snapshot }: Config): Cluster | undefined {
  return clusterNamed(snapshot, name);
}

function fieldOrigin(cluster: Cluster, field: string, { provenance }: Config): Origin | undefined {
  return provenance.fieldOrigins.get(cluster)?.get(field);
}
