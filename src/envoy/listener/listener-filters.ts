import type { ListenerFilter, ListenerFilterChainMatchPredicate } from '#xds/listener.ts';

/** A connection as it reaches a listener, before anything was read from it. */
export interface IncomingConnection {
  readonly destinationPort: number;
  /** What the first bytes inside (or without) TLS are. */
  readonly payload: 'http/1.1' | 'h2' | 'tcp';
  /** Absent = plaintext. */
  readonly tls: { readonly serverName: string; readonly alpn: readonly string[] } | undefined;
}

/** What listener filters learn from the first bytes. */
export interface InspectedConnection {
  readonly serverName: string;
  readonly transportProtocol: 'tls' | 'raw_buffer';
  readonly applicationProtocols: readonly string[];
}

/**
 * Runs the inspectors of a listener. Without a TLS inspector on the port TLS is raw bytes; the HTTP
 * inspector looks only at what is not TLS as far as the TLS inspector told.
 *
 * @source envoy: source/extensions/filters/listener/tls_inspector/tls_inspector.cc,
 *   source/extensions/filters/listener/http_inspector/http_inspector.cc
 */
export function inspectConnection(
  listenerFilters: readonly ListenerFilter[],
  connection: IncomingConnection,
): InspectedConnection {
  const { tls, payload, destinationPort } = connection;
  const runs = (name: string) => runsOnPort(listenerFilters, name, destinationPort);
  if (tls !== undefined) {
    return runs(TLS_INSPECTOR)
      ? {
          serverName: tls.serverName.toLowerCase(),
          transportProtocol: 'tls',
          applicationProtocols: tls.alpn,
        }
      : RAW;
  }
  if (payload === 'tcp' || !runs(HTTP_INSPECTOR)) return RAW;
  return payload === 'h2' ? CLEARTEXT_HTTP2 : CLEARTEXT_HTTP1;
}

/** True when the filter is configured and not disabled for the destination port. */
export function runsOnPort(
  listenerFilters: readonly ListenerFilter[],
  name: string,
  port: number,
): boolean {
  const filter = listenerFilters.find((f) => f.name === name);
  if (filter === undefined) return false;
  return filter.filterDisabled === undefined || !predicateHolds(filter.filterDisabled, port);
}

export const TLS_INSPECTOR = 'envoy.filters.listener.tls_inspector';
export const HTTP_INSPECTOR = 'envoy.filters.listener.http_inspector';

const RAW: InspectedConnection = {
  serverName: '',
  transportProtocol: 'raw_buffer',
  applicationProtocols: [],
};
const CLEARTEXT_HTTP1: InspectedConnection = { ...RAW, applicationProtocols: ['http/1.1'] };
const CLEARTEXT_HTTP2: InspectedConnection = { ...RAW, applicationProtocols: ['h2c'] };

/** @source envoy: source/common/network/filter_matcher.cc */
function predicateHolds(predicate: ListenerFilterChainMatchPredicate, port: number): boolean {
  if (predicate.orMatch)
    return (predicate.orMatch.rules ?? []).some((p) => predicateHolds(p, port));
  if (predicate.andMatch) {
    return (predicate.andMatch.rules ?? []).every((p) => predicateHolds(p, port));
  }
  if (predicate.notMatch) return !predicateHolds(predicate.notMatch, port);
  if (predicate.destinationPortRange) {
    const { start = 0, end = 0 } = predicate.destinationPortRange;
    return port >= start && port < end;
  }
  return predicate.anyMatch === true;
}
