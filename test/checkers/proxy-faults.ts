import type { EnvoyProxy } from '#envoy/proxy.ts';
import type { UpstreamCluster } from '#envoy/upstream/upstream-cluster.ts';

/** What must hold of one proxy at any moment and does not; nothing when all is well. */
export function proxyFaults(proxy: EnvoyProxy): readonly string[] {
  const stats = proxy.stats();
  return [...negativeCounts(stats), ...lostConnections(stats), ...lostRequests(stats)];
}

/** What is still held when nothing is under way any more: streams, and what limits count for them. */
export function heldAtRest(proxy: EnvoyProxy): readonly string[] {
  const stats = proxy.stats();
  const streams = [...stats].filter(([name, value]) => OPEN_STREAM.test(name) && value !== 0);
  const held = [
    ...streams.map(([name, value]) => `${name}: ${value}`),
    ...clustersOf(proxy, stats).flatMap(heldLimits),
  ];
  const count = [...stats].reduce((sum, [name, it]) => (UPSTREAM.test(name) ? sum + it : sum), 0);
  const isJoined = count > 0 && count <= openTcpConnections(stats) && streams.every(isUpstream);
  return isJoined ? held.filter((it) => !JOINED.test(it)) : held;
}

/** A connection that a TCP proxy has joined to one from downstream holds a stream as long as both are open. */
const UPSTREAM = /^cluster\..*\.upstream_rq_active$/;
const JOINED = /\.upstream_rq_active: |slots of requests$/;

function isUpstream([name]: readonly [string, number]): boolean {
  return UPSTREAM.test(name);
}

/** Of all connections from downstream those that no connection manager has. */
function openTcpConnections(stats: ReadonlyMap<string, number>): number {
  let count = 0;
  for (const [name, value] of stats) {
    if (/^listener\..*\.downstream_cx_active$/.test(name)) count += value;
    else if (/^http\..*\.downstream_cx_active$/.test(name)) count -= value;
  }
  return count;
}

const OPEN_STREAM = /\.(upstream_rq_active|upstream_rq_pending_active|downstream_rq_active)$/;

function negativeCounts(stats: ReadonlyMap<string, number>): readonly string[] {
  return [...stats].flatMap(([name, value]) => (value < 0 ? [`${name}: ${value}`] : []));
}

/** Connections = open + closed, upstream and downstream. */
function lostConnections(stats: ReadonlyMap<string, number>): readonly string[] {
  return [...stats].flatMap(([name, opened]) => {
    if (!/^cluster\..*\.upstream_cx_total$|^http\..*\.downstream_cx_total$/.test(name)) return [];
    const prefix = name.slice(0, -'total'.length);
    const active = stats.get(`${prefix}active`) ?? 0;
    const closed = stats.get(`${prefix}destroy`) ?? 0;
    return opened === active + closed
      ? []
      : [`${name}: ${opened} is not ${active} open + ${closed} closed`];
  });
}

/** No request is answered that was not received, and none twice. */
function lostRequests(stats: ReadonlyMap<string, number>): readonly string[] {
  return [...stats].flatMap(([name, received]) => {
    if (!name.endsWith('.downstream_rq_total')) return [];
    const prefix = name.slice(0, -'total'.length);
    const active = stats.get(`${prefix}active`) ?? 0;
    const answered = stats.get(`${prefix}completed`) ?? 0;
    return answered + active <= received
      ? []
      : [`${name}: ${received} received, ${answered} answered and ${active} open`];
  });
}

function clustersOf(
  proxy: EnvoyProxy,
  stats: ReadonlyMap<string, number>,
): readonly UpstreamCluster[] {
  return [...stats.keys()].flatMap((name) => {
    const match = /^cluster\.(.+)\.upstream_cx_total$/.exec(name);
    return (match === null ? undefined : proxy.cluster(match[1]!)) ?? [];
  });
}

/** Slots of requests, waiting streams and retries that nobody gave back; ejections that nobody counts. */
function heldLimits(cluster: UpstreamCluster): readonly string[] {
  const { name, stats } = cluster;
  const faults: string[] = [];
  const both = [cluster.defaultResources, cluster.highResources];
  for (const { requests, pendingRequests, retries } of both) {
    if (requests.current !== 0) faults.push(`${name}: ${requests.current} slots of requests`);
    if (pendingRequests.current !== 0) faults.push(`${name}: ${pendingRequests.current} waiting`);
    if (retries.current !== 0) faults.push(`${name}: ${retries.current} slots of retries`);
  }
  const connections = both.reduce((sum, it) => sum + it.connections.current, 0);
  if (connections !== stats.upstreamCxActive)
    faults.push(`${name}: ${connections} slots for ${stats.upstreamCxActive} connections`);
  return faults;
}
