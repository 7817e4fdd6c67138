import { type Random, randomStream } from '#kernel/random.ts';
import { type Fields, maybe, pick } from './draw.ts';
import { type Balancer, clusterFields, isHashing, isRandom } from './draw-cluster.ts';
import { type DrawnHost, drawHosts } from './draw-hosts.ts';
import { SUB_CASES_PER_RUN, type SubCase } from './generate.ts';

/** Sub-case number `index` of a seed with a TCP proxy, through which its clients speak HTTP as bytes. */
export function tcpSubCase(seed: number, index: number): SubCase {
  const random = randomStream(seed, `differential-tcp/${index}`);
  const name = `s${index}`;
  const balancer = pick<Balancer>(random, ['ROUND_ROBIN', 'ROUND_ROBIN', 'RANDOM', 'MAGLEV']);
  const hosts = hostsOf(random, balancer);
  const otherHosts = random.below(4) === 0 ? hostsOf(random, 'ROUND_ROBIN').slice(0, 2) : [];
  return {
    name,
    slot: index % SUB_CASES_PER_RUN,
    hosts,
    otherHosts,
    cluster: fieldsOf(random, balancer, hosts),
    otherCluster: fieldsOf(random, 'ROUND_ROBIN', otherHosts),
    tcp: {
      ...destination(random, name, otherHosts.length > 0),
      ...(isHashing(balancer) ? { hash_policy: [{ source_ip: {} }] } : {}),
      ...maybe(random, 0.6, () => ({ max_connect_attempts: 1 + random.below(4) })),
      ...limits(random, [...hosts, ...otherHosts]),
    },
    requests: [
      { name, host: `${name}.test`, path: '/', client_timeout_ms: 4000 },
      { name, host: `${name}.test`, path: '/post', method: 'POST', body: 'text' },
    ],
    load: load(random),
    picksAtRandom: isRandom(balancer),
    action: {},
    route: {},
    virtualHost: {},
    earlierRoutes: [],
    manager: {},
    routeConfiguration: {},
  };
}

function hostsOf(random: Random, balancer: Balancer): readonly DrawnHost[] {
  const plain = { isHttp2: false, hasSubsets: false, hasLocalities: false, hasHealthChecks: false };
  return drawHosts(random, { ...plain, balancer });
}

function fieldsOf(random: Random, balancer: Balancer, hosts: readonly DrawnHost[]): Fields {
  const hasPriorities = hosts.some(
    ({ priority, health_status }) => priority !== undefined || health_status !== undefined,
  );
  return clusterFields(random, { balancer, hasPriorities, isHttp2: false, isSlow: false });
}

/** Chance chooses between two clusters: of so few sessions each outcome is among the engine's. */
function destination(random: Random, name: string, hasOther: boolean): Fields {
  if (!hasOther) return { cluster: name };
  const weight = pick(random, [1, 2]);
  const clusters = [
    { name, weight },
    { name: `${name}b`, weight: 1 },
  ];
  return { weighted_clusters: { clusters } };
}

/** Who never answers wants a limit. */
function limits(random: Random, hosts: readonly DrawnHost[]): Fields {
  const hangs = JSON.stringify(hosts).includes('hang"');
  return {
    ...maybe(random, hangs ? 1 : 0.3, () => ({ idle_timeout: '0.21s' })),
    ...maybe(random, 0.2, () => ({ max_downstream_connection_duration: '0.32s' })),
  };
}

function load(random: Random): SubCase['load'] {
  if (random.below(2) === 0) return { kind: 'burst', n: 2 + random.below(3), pauseMs: 12 };
  return { kind: 'sequential', n: 2 + random.below(4), pauseMs: 6 };
}
