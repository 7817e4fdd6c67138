import type { DurationText, NamedTypedConfig } from '#xds/core.ts';
import type { AccessLog, HttpConnectionManager, NetworkFilter } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import { isHttp2, type Protocol } from '../model/protocol.ts';
import { buildHttpFilters, type ListenerClass } from './http-filters.ts';

/** What distinguishes one connection manager of a proxy from the next. */
export interface ConnectionManagerOptions {
  readonly class: ListenerClass;
  readonly statPrefix: string;
  /** The route configuration: by name over RDS, or inline. */
  readonly route: string | RouteConfiguration;
  readonly protocol: Protocol;
  /** An HTTP_PROXY listener takes absolute URLs. */
  readonly allowsAbsoluteUrl?: boolean;
}

/** What all connection managers of a proxy have in common (MeshConfig and ProxyConfig). */
export interface ConnectionManagerSettings {
  readonly normalization: PathNormalization;
  readonly proxyHeaders: ProxyHeaders;
  readonly connection: ConnectionSettings;
  /** `ISTIO_META_IDLE_TIMEOUT`. */
  readonly idleTimeout: DurationText | undefined;
  readonly acceptsHttp10: boolean;
  readonly numTrustedProxies: number;
  readonly gatewayForwardClientCert: string;
  readonly accessLog: readonly AccessLog[];
  readonly outboundFilters: readonly NamedTypedConfig[];
}

export type PathNormalization =
  | 'NONE'
  | 'BASE'
  | 'DEFAULT'
  | 'MERGE_SLASHES'
  | 'DECODE_AND_MERGE_SLASHES';

/** `ProxyConfig.proxyHeaders`, as far as it is set. */
export interface ProxyHeaders {
  readonly serverHeaderDisabled?: boolean;
  readonly serverName?: string;
  readonly attemptCountDisabled?: boolean;
  readonly requestIdDisabled?: boolean;
  readonly debugHeadersDisabled?: boolean;
  readonly metadataExchangeInMeshOnly?: boolean;
  readonly forwardedHost?: boolean;
  readonly forwardedClientCert?: string;
}

/** `ProxyConfig.connectionSettings`, the EDGE profile already filled in. */
export interface ConnectionSettings {
  readonly httpIdleTimeout?: DurationText;
  readonly httpMaxConnectionDuration?: DurationText;
  readonly httpMaxStreamDuration?: DurationText;
  readonly httpStreamIdleTimeout?: DurationText;
  readonly httpRequestTimeout?: DurationText;
  readonly httpRequestHeadersTimeout?: DurationText;
  readonly httpDrainTimeout?: DurationText;
  readonly httpMaxConcurrentStreams?: number;
  readonly httpMergeSlashes?: boolean;
  readonly httpPathWithEscapedSlashesAction?: string;
}

/**
 * The connection manager of one filter chain.
 *
 * @source istio: pilot/pkg/networking/core/listener_builder.go, buildHTTPConnectionManager;
 *   pilot/pkg/networking/util/proxy_headers.go; pilot/pkg/networking/core/connection_settings.go
 */
export function buildConnectionManager(
  options: ConnectionManagerOptions,
  settings: ConnectionManagerSettings,
): NetworkFilter {
  const typedConfig: HttpConnectionManager = {
    '@type': HTTP_CONNECTION_MANAGER,
    statPrefix: options.statPrefix,
    ...routeSpecifier(options.route),
    httpFilters: httpFilters(options, settings),
    ...protocolOptions(options, settings),
    ...serverHeader(options.class, settings.proxyHeaders),
    ...clientCertificates(options.class, settings),
    ...timeouts(settings),
    ...(settings.accessLog.length === 0 ? {} : { accessLog: settings.accessLog }),
    useRemoteAddress: options.class === 'gateway',
    ...(options.class === 'gateway' && settings.numTrustedProxies > 0
      ? { xffNumTrustedHops: settings.numTrustedProxies }
      : {}),
    ...(settings.proxyHeaders.requestIdDisabled ? { generateRequestId: false } : {}),
    proxy100Continue: true,
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    ...pathNormalization(settings),
    requestIdExtension: REQUEST_ID,
  };
  return { name: 'envoy.filters.network.http_connection_manager', typedConfig };
}

/** What stands behind a stat prefix that more than one listener part may share. */
export function delimitedStatPrefix(prefix: string): string {
  return `${prefix};`;
}

const HTTP_CONNECTION_MANAGER =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

const REQUEST_ID = {
  typedConfig: {
    '@type': 'type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig',
    useRequestIdForTraceSampling: true,
  },
};

type Part = Partial<HttpConnectionManager>;

function routeSpecifier(route: string | RouteConfiguration): Part {
  if (typeof route !== 'string') return { routeConfig: route };
  const configSource = { ads: {}, initialFetchTimeout: '0s', resourceApiVersion: 'V3' };
  return { rds: { configSource, routeConfigName: route } };
}

function httpFilters(options: ConnectionManagerOptions, settings: ConnectionManagerSettings) {
  return buildHttpFilters({
    class: options.class,
    isGrpcWeb: options.protocol === 'GRPC-Web',
    skipsMetadataExchangeHeaders: settings.proxyHeaders.metadataExchangeInMeshOnly ?? false,
    suppressesEnvoyHeaders: settings.proxyHeaders.debugHeadersDisabled ?? false,
    beforeRouter: options.class === 'sidecar-outbound' ? settings.outboundFilters : [],
  });
}

function protocolOptions(
  options: ConnectionManagerOptions,
  { acceptsHttp10, connection }: ConnectionManagerSettings,
): Part {
  const http1 = {
    ...(options.allowsAbsoluteUrl ? { allowAbsoluteUrl: true } : {}),
    ...(acceptsHttp10 ? { acceptHttp10: true } : {}),
  };
  const streams = connection.httpMaxConcurrentStreams;
  const speaksHttp2 = options.class === 'sidecar-inbound' && isHttp2(options.protocol);
  const hasHttp1Options = options.class === 'gateway' || Object.keys(http1).length > 0;
  return {
    ...(hasHttp1Options ? { httpProtocolOptions: http1 } : {}),
    ...(speaksHttp2 || streams !== undefined
      ? { http2ProtocolOptions: streams === undefined ? {} : { maxConcurrentStreams: streams } }
      : {}),
  };
}

/** Outbound says `envoy` (Envoy's own default), inbound and gateways `istio-envoy`. */
function serverHeader(side: ListenerClass, headers: ProxyHeaders): Part {
  if (headers.serverHeaderDisabled) return { serverHeaderTransformation: 'PASS_THROUGH' };
  const serverName = headers.serverName ?? (side === 'sidecar-outbound' ? '' : 'istio-envoy');
  return serverName === '' ? {} : { serverName };
}

function clientCertificates(side: ListenerClass, settings: ConnectionManagerSettings): Part {
  if (side === 'sidecar-outbound') return {};
  if (side === 'sidecar-inbound') {
    return {
      forwardClientCertDetails: settings.proxyHeaders.forwardedClientCert ?? 'APPEND_FORWARD',
      setCurrentClientCertDetails: { subject: true, uri: true, dns: true },
    };
  }
  const forward = settings.gatewayForwardClientCert;
  const details = { subject: true, cert: true, dns: true, uri: true };
  return {
    forwardClientCertDetails: forward,
    ...(forward === 'APPEND_FORWARD' || forward === 'SANITIZE_SET'
      ? { setCurrentClientCertDetails: details }
      : {}),
  };
}

function timeouts({ connection, idleTimeout }: ConnectionManagerSettings): Part {
  const common = withoutUndefined({
    idleTimeout: connection.httpIdleTimeout ?? idleTimeout,
    maxConnectionDuration: connection.httpMaxConnectionDuration,
    maxStreamDuration: connection.httpMaxStreamDuration,
  });
  return {
    ...(Object.keys(common).length === 0 ? {} : { commonHttpProtocolOptions: common }),
    streamIdleTimeout: connection.httpStreamIdleTimeout ?? '0s',
    ...withoutUndefined({
      requestTimeout: connection.httpRequestTimeout,
      requestHeadersTimeout: connection.httpRequestHeadersTimeout,
      drainTimeout: connection.httpDrainTimeout,
    }),
  };
}

function pathNormalization({ normalization, connection }: ConnectionManagerSettings): Part {
  const mergesSlashes =
    connection.httpMergeSlashes ??
    (normalization === 'MERGE_SLASHES' || normalization === 'DECODE_AND_MERGE_SLASHES');
  const escapedSlashes =
    connection.httpPathWithEscapedSlashesAction ??
    (normalization === 'DECODE_AND_MERGE_SLASHES' ? 'UNESCAPE_AND_FORWARD' : 'KEEP_UNCHANGED');
  return {
    normalizePath: normalization !== 'NONE',
    ...(mergesSlashes ? { mergeSlashes: true } : {}),
    pathWithEscapedSlashesAction: escapedSlashes,
  };
}

/** The fields that are set: `exactOptionalPropertyTypes` tells absent from undefined. */
function withoutUndefined<Fields extends Record<string, string | undefined>>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  const set = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };
}
