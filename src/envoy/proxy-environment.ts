/**
 * What a proxy is given by whoever runs it. `new EnvoyProxy(identity, environment)` then lives by:
 *
 *     proxy.applyConfig(snapshot)   at once and whenever the control plane has pushed
 *     proxy.acceptor(port)          an `Acceptor` for the listener(s) bound to that port, also of later configuration:
 *                                   15001 outbound and 15006 inbound of a sidecar, a gateway's own ports
 *     proxy.stats()                 counters and gauges by Envoy's names; `proxy.statsText()` as /stats prints them
 *     proxy.shutDown(nowNs)         the process is gone: every connection closes
 *
 * A sidecar, wired by the world:
 *
 *     network.listen('10.244.0.7:9080', proxy.acceptor(15006), 'outside', traversal)  // connections of others
 *     network.listen('10.244.0.7:9080', instance, 'inside')                           // the proxy's own inbound cluster
 *     network.connectTo(proxy.acceptor(15001), traversal, '10.96.3.4:80', options, owner) // the application calls out
 */
import type { Dispatcher } from '#kernel/dispatcher.ts';
import type { Random } from '#kernel/random.ts';
import type { ClusterId, HostId, ProxyId, Recorder, RouteId } from '#telemetry/recorder.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { Locality } from '#xds/core.ts';
import type { ClusterLoadAssignment } from '#xds/endpoint.ts';
import type { AccessLog, Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import type { HttpRequest, HttpResponse, Network, RequestKey } from './network.ts';
import type { StreamInfo } from './stream-info.ts';
import type { DnsResolver } from './upstream/host-resolution.ts';

export interface ProxyIdentity {
  /** Unique in a run; names the proxy's random streams: `webapp-1`. */
  readonly name: string;
  /** The pod's: where its upstream connections start. */
  readonly ip: string;
  readonly nodeId: string;
  readonly nodeCluster: string;
  readonly locality: Locality | undefined;
  /** The cluster of the proxies like this one, for zone-aware routing (`local_cluster_name`). */
  readonly localClusterName?: string | undefined;
  /** Worker threads; connections are spread by `ConnectOptions.workerKey`. */
  readonly workerCount: number;
}

export interface ProxyEnvironment {
  readonly dispatcher: Dispatcher;
  readonly network: Network;
  readonly seed: number;
  /** Which worker of the peer takes the next connection upstream: any integer ≥ 0. */
  nextWorkerKey(): number;
  /** The wall clock at virtual time 0, in ms since 1970. */
  readonly epochMs: number;
  /** The random stream of that name, as `randomStream(seed, name)`. */
  randomStream(name: string): Random;
  /** Who knows the addresses of names, for clusters found by DNS; absent = names stand for themselves. */
  readonly resolver?: DnsResolver;
  /** Where finished streams and attempts are counted; undefined = nowhere. */
  readonly telemetry: ProxyTelemetry | undefined;
  /** Whether times are kept for `/stats`; it changes nothing else. */
  readonly keepsHistograms?: boolean;
  /** Whoever wants to see each stream in full, as an access log does; undefined = nobody. */
  readonly observer: ProxyObserver | undefined;
}

/** A recorder and this proxy's names in it. Clusters, hosts and routes are asked for once each. */
export interface ProxyTelemetry {
  readonly recorder: Recorder;
  readonly proxy: ProxyId;
  clusterId(name: string): ClusterId;
  hostId(address: string): HostId;
  routeId(name: string): RouteId;
  /** In place of a cluster, for requests to a Host that no route of a configuration takes. */
  unroutedId(host: string, routes: string): ClusterId;
}

/**
 * A proxy's whole configuration, in parts: what many proxies have in common, and what is one's own.
 * Each part is immutable and shared by the proxies that have it. What is the same object, or equal in
 * content, in the next snapshot keeps its state.
 */
export interface ProxySnapshot {
  /** Names differ, in all parts together. */
  readonly parts: readonly ConfigPart[];
}

/** Some of a proxy's configuration. */
export interface ConfigPart {
  readonly listeners: readonly Listener[];
  readonly clusters: readonly Cluster[];
  readonly routes: readonly RouteConfiguration[];
  /** By `clusterName`: the EDS service name of the cluster, or its name. */
  readonly endpoints: readonly ClusterLoadAssignment[];
}

/** Hears what a proxy does. What is passed is only valid during the call. */
export interface ProxyObserver {
  /** True = `onAttemptEnd` is called too. */
  readonly wantsAttempts: boolean;
  /** A request or TCP session has ended. */
  onStreamEnd(stream: EndedStream): void;
  onAttemptEnd(stream: { readonly key: RequestKey }, attempt: EndedAttempt): void;
  /** `EJECT` and `UNEJECT` as in the outlier event log. */
  onOutlierEvent(event: OutlierEvent): void;
}

/** One downstream stream at its end. */
export interface EndedStream {
  readonly info: StreamInfo;
  readonly key: RequestKey;
  /** As filters and route left it; undefined for a TCP session. */
  readonly finalRequest: HttpRequest | undefined;
  /** As it went downstream; undefined if nothing did. */
  readonly response: HttpResponse | undefined;
  /** Of the connection manager or TCP proxy. */
  readonly statPrefix: string;
  /** Where, and under which conditions, that logs what has ended. */
  readonly accessLog: readonly AccessLog[] | undefined;
}

/** One attempt upstream at its end. */
export interface EndedAttempt {
  readonly number: number;
  readonly cluster: string;
  /** `ip:port`; '' when it never had a host. */
  readonly host: string;
  readonly startNs: number;
  readonly endNs: number;
  /** 0 = no response headers came. */
  readonly responseCode: number;
}

export interface OutlierEvent {
  readonly cluster: string;
  readonly host: string;
  readonly action: 'EJECT' | 'UNEJECT';
  /** Envoy's name of the detector, such as `CONSECUTIVE_5XX`; '' for a return. */
  readonly type: string;
  readonly isEnforced: boolean;
  readonly ejectionCount: number;
  readonly atNs: number;
}
