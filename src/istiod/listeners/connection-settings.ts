import type { ProxyDefaults } from '#config/istio/mesh-config.ts';
import { formatProtoDuration } from '#source/duration.ts';
import type { DurationText } from '#xds/core.ts';

/** Limits of a proxy's connection managers; absent = Istio's own. */
export interface ConnectionSettings {
  readonly httpIdleTimeout?: DurationText;
  readonly httpStreamIdleTimeout?: DurationText;
  readonly httpRequestTimeout?: DurationText;
  readonly httpRequestHeadersTimeout?: DurationText;
  readonly httpMaxConcurrentStreams?: number;
  readonly httpMergeSlashes?: boolean;
  readonly httpPathWithEscapedSlashesAction?: string;
}

/**
 * `ProxyConfig.connectionSettings`; the EDGE profile fills in what a gateway leaves open.
 *
 * @source istio: pilot/pkg/networking/core/connection_settings.go, applyEdgeProfileDefaults
 */
export function connectionSettings(
  written: ProxyDefaults['connectionSettings'],
  kind: 'sidecar' | 'gateway',
): ConnectionSettings {
  if (written === undefined) return {};
  const profile = written.profile === 'EDGE' && kind === 'gateway' ? EDGE : {};
  return { ...profile, ...writtenTimeouts(written) };
}

const TIMEOUTS = [
  'httpIdleTimeout',
  'httpStreamIdleTimeout',
  'httpRequestTimeout',
  'httpRequestHeadersTimeout',
] as const;

function writtenTimeouts(
  written: NonNullable<ProxyDefaults['connectionSettings']>,
): ConnectionSettings {
  const set = TIMEOUTS.flatMap((name) => {
    const valueNs = written[name];
    return valueNs === undefined ? [] : [[name, formatProtoDuration(valueNs)] as const];
  });
  return Object.fromEntries(set);
}

const EDGE: ConnectionSettings = {
  httpIdleTimeout: '3600s',
  httpStreamIdleTimeout: '300s',
  httpRequestTimeout: '300s',
  httpRequestHeadersTimeout: '60s',
  httpMaxConcurrentStreams: 100,
  httpMergeSlashes: true,
  httpPathWithEscapedSlashesAction: 'UNESCAPE_AND_REDIRECT',
};
