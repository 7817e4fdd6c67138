import { type Random, randomStream } from '#kernel/random.ts';
import type {
  CaseCluster,
  CaseEndpoint,
  CaseLoad,
  EnvoyCase,
  RequestTemplate,
} from '#scenario/envoy-case/case-file.ts';
import { type Fields, maybe, pick } from './draw.ts';
import { type Balancer, clusterFields, isHashing, isRandom, subsetFields } from './draw-cluster.ts';
import { FILTERS } from './draw-filters.ts';
import { healthCheckFields } from './draw-health.ts';
import { type DrawnHost, drawHosts } from './draw-hosts.ts';
import { managerFields, routeConfigurationFields } from './draw-manager.ts';
import {
  actionFields,
  destination,
  earlierRoutes,
  routeFields,
  templates,
  virtualHostFields,
} from './draw-route.ts';

/**
 * One small random configuration with its load: a cluster or two, a few routes, some requests. Only
 * such settings are drawn whose outcome Envoy decides without chance, or with few outcomes that several
 * seeds of the engine reach; and times far enough apart that a busy machine does not change the order
 * of events.
 */
export interface SubCase {
  readonly name: string;
  /** Of those that run together each has another one, and with it addresses of its own. */
  readonly slot: number;
  readonly hosts: readonly DrawnHost[];
  /** Of the other cluster, which takes copies or a share; none = no such cluster. */
  readonly otherHosts: readonly DrawnHost[];
  /** Fields of the Envoy cluster. */
  readonly cluster: Fields;
  readonly otherCluster: Fields;
  /** Fields of the route action. */
  readonly action: Fields;
  /** Fields of the route beside its action. */
  readonly route: Fields;
  readonly virtualHost: Fields;
  readonly earlierRoutes: readonly Fields[];
  /** Fields of the connection manager, and of the route configuration. */
  readonly manager: Fields;
  readonly routeConfiguration: Fields;
  readonly requests: readonly RequestTemplate[];
  readonly load: {
    readonly kind: 'sequential' | 'burst';
    readonly n: number;
    readonly pauseMs: number;
    /** After the load only these hosts, by position, stay in the cluster, and the load is repeated. */
    readonly membersLater?: readonly number[];
  };
  /** Which of several like hosts is tried is random. */
  readonly picksAtRandom: boolean;
  /** Fields of a TCP proxy, which leaves no say to routes and connection manager. */
  readonly tcp?: Fields;
}

export const SUB_CASES_PER_RUN = 24;
const FIRST_PORT = 25_001;
const PORTS_PER_SLOT = 10;

/** Sub-case number `index` of a seed: the same two numbers always give the same sub-case. */
export function subCase(seed: number, index: number): SubCase {
  const random = randomStream(seed, `differential/${index}`);
  const name = `s${index}`;
  const balancer = pick<Balancer>(random, [
    'ROUND_ROBIN',
    'ROUND_ROBIN',
    'ROUND_ROBIN',
    'LEAST_REQUEST',
    'RANDOM',
    'RING_HASH',
    'MAGLEV',
  ]);
  const isHttp2 = random.below(4) === 0;
  const hasSubsets = random.below(8) === 0 && !isRandom(balancer);
  const hasLocalities = !hasSubsets && random.below(8) === 0 && !isRandom(balancer);
  const hasHealthChecks = random.below(8) === 0;
  const hosts = drawHosts(random, {
    balancer,
    isHttp2,
    hasSubsets,
    hasLocalities,
    hasHealthChecks,
  });
  const hasOther = random.below(4) === 0;
  const isOtherHttp2 = random.below(4) === 0;
  const plain = { hasSubsets: false, hasLocalities: false, hasHealthChecks: false };
  const otherShape = { ...plain, balancer: 'ROUND_ROBIN' as const, isHttp2: isOtherHttp2 };
  const shape = {
    isHashed: isHashing(balancer),
    hasSubsets,
    own: name,
    other: hasOther ? `${name}b` : undefined,
  };
  const otherHosts = hasOther ? drawHosts(random, otherShape).slice(0, 2) : [];
  const hasPriorities = (drawn: readonly DrawnHost[]) =>
    drawn.some(
      ({ priority, health_status }) => priority !== undefined || health_status !== undefined,
    );
  const earlier = earlierRoutes(random, shape);
  const load = loadOf(random, hosts.length);
  const isSlow = load.pauseMs >= SLOW_MS;
  return {
    name,
    slot: index % SUB_CASES_PER_RUN,
    hosts,
    otherHosts,
    cluster: {
      ...heedingNoChange(
        clusterFields(random, {
          balancer,
          isHttp2,
          hasPriorities: hasPriorities(hosts) || hasHealthChecks,
          isSlow,
        }),
        load.membersLater?.length === hosts.length,
      ),
      ...(hasSubsets ? subsetFields(random) : {}),
      ...(hasLocalities ? localityFields(random) : {}),
      ...(hasHealthChecks ? healthCheckFields(random, isHttp2) : {}),
    },
    otherCluster: clusterFields(random, {
      balancer: 'ROUND_ROBIN',
      isHttp2: isOtherHttp2,
      hasPriorities: hasPriorities(otherHosts),
      isSlow,
    }),
    action: { ...destination(random, shape), ...actionFields(random, shape) },
    route: routeFields(random),
    virtualHost: virtualHostFields(random),
    earlierRoutes: earlier,
    // To HEAD an answer that is cut short is a whole one.
    requests: withoutHead(templates(random, name, earlier.length > 0), hosts, otherHosts),
    load,
    manager: managerFields(random, { hasHttp2: isHttp2 || isOtherHttp2, isSlow }),
    routeConfiguration: routeConfigurationFields(random),
    picksAtRandom: isRandom(balancer),
  };
}

/** An update that changes nothing closes connections in Envoy, and is none here. */
function heedingNoChange(fields: Fields, isUnchanged: boolean): Fields {
  const { common_lb_config: common, ...rest } = fields;
  if (!isUnchanged || common === undefined) return fields;
  const { close_connections_on_host_set_change: _, ...kept } = common as Fields;
  return { ...rest, common_lb_config: kept };
}

function localityFields(random: Random): Fields {
  const weights = ['a', 'b'].map((zone) => ({
    locality: { zone },
    load_balancing_weight: pick(random, [1, 2]),
  }));
  return { locality_weights: weights, common_lb_config: { locality_weighted_lb_config: {} } };
}

/** The case that a sub-case is: real Envoys take many at once, the engine one. */
export function caseOf(it: SubCase): EnvoyCase {
  let port = FIRST_PORT + it.slot * PORTS_PER_SLOT;
  const endpointsOf = (name: string, hosts: readonly DrawnHost[]): readonly CaseEndpoint[] =>
    hosts.map((host, index) => {
      return { id: `${name}-${index + 1}`, address: `127.0.0.1:${port++}`, ...host };
    });
  const eds = it.load.membersLater === undefined ? {} : { eds: true };
  const own = { ...it.cluster, ...eds, name: it.name, endpoints: endpointsOf(it.name, it.hosts) };
  const name = `${it.name}b`;
  const other = { ...it.otherCluster, name, endpoints: endpointsOf(name, it.otherHosts) };
  const clusters: CaseCluster[] = it.otherHosts.length === 0 ? [own] : [own, other];
  const common = { title: it.name, clusters, load: loadStepsOf(it), judge: [], after_ms: 700 };
  if (it.tcp !== undefined) return { ...common, tcp: it.tcp, route_config: {} };
  return {
    ...common,
    route_config: {
      ...it.routeConfiguration,
      virtual_hosts: [virtualHostOf(it)],
      validate_clusters: false,
    },
    http_filters: FILTERS,
    hcm: it.manager,
  };
}

function virtualHostOf(it: SubCase): unknown {
  return {
    name: it.name,
    domains: [`${it.name}.test`],
    include_request_attempt_count: true,
    ...it.virtualHost,
    routes: [
      ...it.earlierRoutes,
      { name: 'main', match: { prefix: '/' }, ...it.route, route: it.action },
    ],
  };
}

const EDS_TAKES_S = 0.3;

function loadStepsOf(it: SubCase): readonly CaseLoad[] {
  const { kind, n, pauseMs, membersLater } = it.load;
  const load: CaseLoad =
    kind === 'burst'
      ? { kind, n, stagger_ms: pauseMs, requests: it.requests }
      : { kind, n, gap_ms: pauseMs, requests: it.requests };
  if (membersLater === undefined) return [load];
  const endpoints = membersLater
    .filter((index) => index < it.hosts.length)
    .map((index) => `${it.name}-${index + 1}`);
  return [
    load,
    { kind: 'action', set_members: { cluster: it.name, endpoints } },
    { kind: 'wait', s: EDS_TAKES_S },
    load,
  ];
}

function withoutHead(
  requests: readonly RequestTemplate[],
  ...hosts: readonly (readonly DrawnHost[])[]
): readonly RequestTemplate[] {
  if (!JSON.stringify(hosts).includes('headers_then')) return requests;
  return requests.map((it) => (it.method === 'HEAD' ? { ...it, method: 'PUT' } : it));
}

/** Idle timeouts lie far below this pause, and far above the other. */
const SLOW_MS = 130;

function loadOf(random: Random, hostCount: number): SubCase['load'] {
  if (random.below(4) === 0) return { kind: 'burst', n: 2 + random.below(4), pauseMs: 12 };
  const n = 3 + random.below(6);
  const pauseMs = random.below(6) === 0 ? SLOW_MS : 6;
  return {
    kind: 'sequential',
    n,
    pauseMs,
    ...maybe(random, 0.1, () => changed(random, hostCount)),
  };
}

/** Which hosts stay: at least one. */
function changed(random: Random, hostCount: number): { readonly membersLater: readonly number[] } {
  const stays = Array.from({ length: hostCount }, (_, index) => index);
  const later = stays.filter(() => random.below(2) === 0);
  return { membersLater: later.length === 0 ? [0] : later };
}
