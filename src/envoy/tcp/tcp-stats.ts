/**
 * The counters of one TCP proxy's stat prefix.
 *
 * @source envoy: source/common/tcp_proxy/tcp_proxy.h, ALL_TCP_PROXY_STATS
 */
export class TcpStats {
  downstreamCxTotal = 0;
  downstreamCxNoRoute = 0;
  downstreamCxRxBytesTotal = 0;
  downstreamCxTxBytesTotal = 0;
  idleTimeout = 0;
  maxDownstreamConnectionDuration = 0;
}
