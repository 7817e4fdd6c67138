/**
 * The hosts of a cluster that are found by DNS. STRICT_DNS takes every address of every name;
 * LOGICAL_DNS has one name, and takes its first address. Each name is resolved anew when its refresh
 * interval is over, counted from the last answer; failures are retried sooner, with back-off, when
 * configuration says so, and change nothing.
 *
 * @source envoy: source/extensions/clusters/dns/dns_cluster.cc; source/extensions/clusters/strict_dns,
 *   logical_dns
 */
import type { Dispatcher, EventTarget, Timer } from '#kernel/dispatcher.ts';
import type { Random } from '#kernel/random.ts';
import type { Cluster } from '#xds/cluster.ts';
import { durationMs } from '#xds/duration.ts';
import type { ClusterLoadAssignment, LbEndpoint, LocalityLbEndpoints } from '#xds/endpoint.ts';
import { compileLoadAssignment } from './host-description.ts';
import type { HostMembership } from './host-membership.ts';

/** One answer of the resolver. */
export interface DnsAnswer {
  readonly isFailure: boolean;
  /** IP addresses in the order of the answer. */
  readonly addresses: readonly string[];
  readonly ttlMs: number;
}

/** Hears of the answer to one question. */
export interface DnsListener {
  onDnsAnswer(answer: DnsAnswer): void;
}

/** Whoever knows the addresses of names. It may answer before `resolve` returns, or later. */
export interface DnsResolver {
  resolve(name: string, listener: DnsListener): void;
}

/** How often a cluster's names are resolved. */
export interface DnsRefreshConfig {
  readonly refreshRateMs: number;
  /** Undefined = failures wait as long as answers. */
  readonly failureBackOff: { readonly baseMs: number; readonly maxMs: number } | undefined;
  readonly respectTtl: boolean;
  readonly jitterMs: number;
}

const DEFAULT_REFRESH_RATE_MS = 5000;
/** Stands for itself, and will not change. */
const IP_ADDRESS = /^[0-9.]+$|:/;

export function compileDnsRefresh(cluster: Cluster): DnsRefreshConfig {
  const failure = cluster.dnsFailureRefreshRate as
    | { readonly baseInterval?: string; readonly maxInterval?: string }
    | undefined;
  const baseMs = durationMs(failure?.baseInterval);
  return {
    refreshRateMs: durationMs(cluster.dnsRefreshRate) ?? DEFAULT_REFRESH_RATE_MS,
    failureBackOff:
      baseMs === undefined
        ? undefined
        : { baseMs, maxMs: durationMs(failure?.maxInterval) ?? 10 * baseMs },
    respectTtl: cluster.respectDnsTtl ?? false,
    jitterMs: durationMs(cluster.dnsJitter) ?? 0,
  };
}

export interface HostResolutionOptions {
  readonly kind: 'STRICT_DNS' | 'LOGICAL_DNS';
  readonly assignment: ClusterLoadAssignment;
  readonly refresh: DnsRefreshConfig;
  readonly resolver: DnsResolver;
  readonly dispatcher: Dispatcher;
  readonly random: Random;
  readonly membership: HostMembership;
}

/** Keeps a membership up to date with what the resolver says. Starts at once. */
export class HostResolution {
  readonly #options: HostResolutionOptions;
  readonly #names: ResolvedName[] = [];

  constructor(options: HostResolutionOptions) {
    this.#options = options;
    for (const group of options.assignment.endpoints ?? []) {
      for (const endpoint of group.lbEndpoints ?? []) this.#add(endpoint);
    }
    for (const name of this.#names) name.resolve();
  }

  stop(): void {
    for (const name of this.#names) name.stop();
  }

  #add(endpoint: LbEndpoint): void {
    const name = endpoint.endpoint?.address.socketAddress?.address;
    if (name === undefined) return;
    const { kind } = this.#options;
    this.#names.push(
      new ResolvedName(name, endpoint, kind, this.#options, () => this.#updateMembership()),
    );
  }

  #updateMembership(): void {
    const { assignment, membership } = this.#options;
    const byEndpoint = new Map(this.#names.map((name) => [name.endpoint, name]));
    const resolved = (group: LocalityLbEndpoints): LocalityLbEndpoints => ({
      ...group,
      lbEndpoints: (group.lbEndpoints ?? []).flatMap((it) => byEndpoint.get(it)?.endpoints ?? []),
    });
    const endpoints = (assignment.endpoints ?? []).map(resolved);
    membership.update(compileLoadAssignment({ ...assignment, endpoints }));
  }
}

/** One name, what it resolves to, and the timer of its next resolution. */
class ResolvedName implements DnsListener, EventTarget {
  readonly endpoint: LbEndpoint;
  /** The endpoint with each address in place of the name. */
  endpoints: readonly LbEndpoint[] = [];
  readonly #name: string;
  readonly #kind: HostResolutionOptions['kind'];
  readonly #options: HostResolutionOptions;
  readonly #onChange: () => void;
  readonly #timer: Timer;
  #addresses = '';
  #hasAnswered = false;
  #failureCount = 0;
  #isStopped = false;

  constructor(
    name: string,
    endpoint: LbEndpoint,
    kind: HostResolutionOptions['kind'],
    options: HostResolutionOptions,
    onChange: () => void,
  ) {
    this.#name = name;
    this.endpoint = endpoint;
    this.#kind = kind;
    this.#options = options;
    this.#onChange = onChange;
    this.#timer = options.dispatcher.createTimer(this, 0);
  }

  resolve(): void {
    if (IP_ADDRESS.test(this.#name)) this.#takeUp([this.#name]);
    else this.#options.resolver.resolve(this.#name, this);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer.disable();
  }

  onEvent(): void {
    this.resolve();
  }

  onDnsAnswer(answer: DnsAnswer): void {
    if (this.#isStopped) return;
    if (!answer.isFailure) this.#takeUp(answer.addresses);
    this.#timer.enable(Math.max(1, this.#pauseMs(answer)) * 1e6);
  }

  #takeUp(found: readonly string[]): void {
    const isLogical = this.#kind === 'LOGICAL_DNS';
    if (isLogical && found.length === 0) return; // The old address may still be good.
    const addresses = isLogical ? found.slice(0, 1) : [...new Set(found)];
    const text = addresses.join();
    if (this.#hasAnswered && text === this.#addresses) return;
    this.#hasAnswered = true;
    this.#addresses = text;
    this.endpoints = addresses.map((address) => withAddress(this.endpoint, address));
    this.#onChange();
  }

  #pauseMs(answer: DnsAnswer): number {
    const { refresh, random } = this.#options;
    if (answer.isFailure && refresh.failureBackOff !== undefined) {
      const { baseMs, maxMs } = refresh.failureBackOff;
      const intervalMs = Math.min(maxMs, baseMs * 2 ** this.#failureCount);
      this.#failureCount = Math.min(this.#failureCount + 1, 30);
      return random.below(intervalMs);
    }
    if (!answer.isFailure) this.#failureCount = 0;
    const usesTtl = refresh.respectTtl && !answer.isFailure && answer.ttlMs > 0;
    const pauseMs = usesTtl ? answer.ttlMs : refresh.refreshRateMs;
    return refresh.jitterMs > 0 ? pauseMs + random.below(refresh.jitterMs) : pauseMs;
  }
}

/** A host that was found by name is called by it. */
function withAddress(it: LbEndpoint, address: string): LbEndpoint {
  const { address: before, hostname } = it.endpoint!;
  const socketAddress = { ...before.socketAddress!, address };
  const name = hostname === undefined || hostname === '' ? before.socketAddress!.address : hostname;
  return { ...it, endpoint: { address: { socketAddress }, hostname: name } };
}
