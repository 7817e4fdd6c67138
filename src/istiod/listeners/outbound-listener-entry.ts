import { isHttp, isSniffed, isTcp, type Protocol } from '../model/protocol.ts';
import type { Origin } from '../origin.ts';
import { conflictsWith, type FilterChainOptions } from './filter-chain-options.ts';

/** A listener in the making: services meet on it. */
export interface OutboundListenerEntry {
  readonly bind: string;
  readonly port: number;
  readonly bindsToPort: boolean;
  chains: readonly FilterChainOptions[];
  protocol: Protocol;
  /** No service of a later egress listener may join. */
  isLocked: boolean;
  readonly origin: Origin;
}

/** `0.0.0.0_80`. @source istio: pilot/pkg/networking/core/gateway.go, getListenerName */
export function listenerName(bind: string, port: number): string {
  return `${bind}_${port}`;
}

/** What a newcomer means to what is there already. */
type Meeting =
  | 'http-over-tcp'
  | 'tcp-over-http'
  | 'tcp-over-tcp'
  | 'tcp-over-auto'
  | 'auto-over-http'
  | 'auto-over-tcp'
  | 'none';

/** What a newcomer brings. Chains are made only where they are wanted. */
export interface Newcomer {
  /** The protocol of its port. */
  readonly portProtocol: Protocol;
  readonly httpChain: () => FilterChainOptions;
  readonly tcpChains: () => readonly FilterChainOptions[];
}

/**
 * Adds a service to a listener that others are on. HTTP and TCP on one address turn it into one that
 * sniffs; of chains that cannot be told apart the earlier stays; server-first protocols share with
 * nobody.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, buildSidecarOutboundListener
 */
export function joinListener(entry: OutboundListenerEntry, newcomer: Newcomer): void {
  const meeting = meetingOf(newcomer.portProtocol, entry.protocol);
  if (meeting === 'none') return;
  if (isServerFirstClash(newcomer.portProtocol, entry.protocol)) return;
  const incoming = incomingChains(meeting, newcomer);
  if (meeting === 'auto-over-http') {
    entry.chains = incoming;
    entry.protocol = newcomer.portProtocol;
    return;
  }
  entry.chains = mergeChains(entry.chains, incoming);
  if (meeting !== 'tcp-over-tcp' && meeting !== 'tcp-over-auto') {
    entry.protocol = 'UnsupportedProtocol';
  }
}

/** `none` = an HTTP service on a listener that serves HTTP: its virtual host comes with the routes. */
function meetingOf(incoming: Protocol, existing: Protocol): Meeting {
  if (isHttp(incoming)) return isTcp(existing) ? 'http-over-tcp' : 'none';
  const newcomer = isSniffed(incoming) ? 'auto' : 'tcp';
  if (isHttp(existing)) return `${newcomer}-over-http`;
  if (isTcp(existing)) return `${newcomer}-over-tcp`;
  return 'tcp-over-auto';
}

function incomingChains(meeting: Meeting, newcomer: Newcomer): readonly FilterChainOptions[] {
  switch (meeting) {
    case 'http-over-tcp':
      return [newcomer.httpChain()];
    case 'auto-over-http':
    case 'auto-over-tcp':
      return [...newcomer.tcpChains(), newcomer.httpChain()];
    default:
      return newcomer.tcpChains();
  }
}

/** @source istio: the same file, isConflictWithWellKnownPort */
function isServerFirstClash(incoming: Protocol, existing: Protocol): boolean {
  const isServerFirst = (protocol: Protocol) => protocol === 'Mongo' || protocol === 'MySQL';
  return incoming !== existing && (isServerFirst(incoming) || isServerFirst(existing));
}

/** @source istio: the same file, mergeTCPFilterChains */
function mergeChains(
  existing: readonly FilterChainOptions[],
  incoming: readonly FilterChainOptions[],
): readonly FilterChainOptions[] {
  const merged = [...existing];
  for (const chain of incoming) {
    if (!merged.some((other) => conflictsWith(other, chain))) merged.push(chain);
  }
  return merged;
}
