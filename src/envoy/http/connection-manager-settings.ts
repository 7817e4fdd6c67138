import { durationNs } from '#xds/duration.ts';
import type { HttpConnectionManager } from '#xds/listener.ts';

const DEFAULT_STREAM_IDLE_TIMEOUT_NS = 300_000_000_000;
const DEFAULT_CONNECTION_IDLE_TIMEOUT_NS = 3_600_000_000_000;
const DEFAULT_DRAIN_TIMEOUT_NS = 5_000_000_000;
const DEFAULT_DELAYED_CLOSE_TIMEOUT_NS = 1_000_000_000;

/**
 * A connection manager's own settings, compiled once per content. Times in ns, 0 = none.
 *
 * @source envoy: source/extensions/filters/network/http_connection_manager/config.cc
 */
export interface ConnectionManagerSettings {
  readonly streamIdleTimeoutNs: number;
  readonly requestTimeoutNs: number;
  readonly maxStreamDurationNs: number;
  readonly connectionIdleTimeoutNs: number;
  readonly maxConnectionDurationNs: number;
  readonly maxRequestsPerConnection: number;
  readonly drainTimeoutNs: number;
  readonly delayedCloseTimeoutNs: number;
  /** An HTTP/1.1 connection ends with a reply of 400, which tells of a malformed message. */
  readonly closesOnBadRequest: boolean;
  readonly serverName: string;
  /** '' = none. */
  readonly via: string;
  readonly usesRemoteAddress: boolean;
  readonly appendsXff: boolean;
}

export function compileConnectionManager(config: HttpConnectionManager): ConnectionManagerSettings {
  const common = config.commonHttpProtocolOptions ?? {};
  const usesRemoteAddress = config.useRemoteAddress ?? false;
  return {
    streamIdleTimeoutNs: durationNs(config.streamIdleTimeout) ?? DEFAULT_STREAM_IDLE_TIMEOUT_NS,
    requestTimeoutNs: durationNs(config.requestTimeout) ?? 0,
    maxStreamDurationNs: durationNs(common.maxStreamDuration) ?? 0,
    connectionIdleTimeoutNs: durationNs(common.idleTimeout) ?? DEFAULT_CONNECTION_IDLE_TIMEOUT_NS,
    maxConnectionDurationNs: durationNs(common.maxConnectionDuration) ?? 0,
    maxRequestsPerConnection: common.maxRequestsPerConnection ?? 0,
    drainTimeoutNs: durationNs(config.drainTimeout) ?? DEFAULT_DRAIN_TIMEOUT_NS,
    delayedCloseTimeoutNs:
      durationNs(config.delayedCloseTimeout) ?? DEFAULT_DELAYED_CLOSE_TIMEOUT_NS,
    closesOnBadRequest: !streamErrorOnInvalidHttpMessage(config),
    serverName: config.serverName || 'envoy',
    via: config.via ?? '',
    usesRemoteAddress,
    appendsXff: usesRemoteAddress && !(config.skipXffAppend ?? false),
  };
}

/** @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream::onLocalReply */
function streamErrorOnInvalidHttpMessage(config: HttpConnectionManager): boolean {
  const { overrideStreamErrorOnInvalidHttpMessage } = config.httpProtocolOptions ?? {};
  return overrideStreamErrorOnInvalidHttpMessage ?? config.streamErrorOnInvalidHttpMessage ?? false;
}
