import type { DurationText, NamedTypedConfig } from '#xds/core.ts';
import type { AccessLog, HttpConnectionManager, NetworkFilter } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import type { MeshConfig } from '../model/mesh-config.ts';
import { isHttp2, type Protocol } from '../model/protocol.ts';
import type { ConnectionSettings } from './connection-settings.ts';
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
  readonly normalization: MeshConfig['pathNormalization'];
  readonly connection: ConnectionSettings;
  /** `ISTIO_META_IDLE_TIMEOUT`. */
  readonly idleTimeout: DurationText | undefined;
  readonly acceptsHttp10: boolean;
  readonly accessLog: readonly AccessLog[];
  /** Filters of outbound connection managers that stand just before the router. */
  readonly outboundFilters: readonly NamedTypedConfig[];
}

/**
 * The connection manager of one filter chain.
 *
 * @source istio: pilot/pkg/networking/core/listener_builder.go, buildHTTPConnectionManager;
 *   pilot/pkg/networking/util/proxy_headers.go; pilot/pkg/networking/core/gateway.go,
 *   buildGatewayConnectionManager
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
    ...IDENTITY[options.class],
    ...timeouts(settings),
    ...(settings.accessLog.length === 0 ? {} : { accessLog: settings.accessLog }),
    useRemoteAddress: options.class === 'gateway',
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

/**
 * How a proxy names itself and what it tells of the client's certificate. Outbound it is Envoy's own
 * default, `envoy`.
 */
const IDENTITY: { readonly [side in ListenerClass]: Part } = {
  'sidecar-outbound': {},
  'sidecar-inbound': {
    serverName: 'istio-envoy',
    forwardClientCertDetails: 'APPEND_FORWARD',
    setCurrentClientCertDetails: { subject: true, uri: true, dns: true },
  },
  gateway: {
    serverName: 'istio-envoy',
    forwardClientCertDetails: 'SANITIZE_SET',
    setCurrentClientCertDetails: { subject: true, cert: true, dns: true, uri: true },
  },
};

function timeouts({ connection, idleTimeout }: ConnectionManagerSettings): Part {
  const idle = connection.httpIdleTimeout ?? idleTimeout;
  const { httpRequestTimeout, httpRequestHeadersTimeout } = connection;
  return {
    ...(idle === undefined ? {} : { commonHttpProtocolOptions: { idleTimeout: idle } }),
    streamIdleTimeout: connection.httpStreamIdleTimeout ?? '0s',
    ...(httpRequestTimeout === undefined ? {} : { requestTimeout: httpRequestTimeout }),
    ...(httpRequestHeadersTimeout === undefined
      ? {}
      : { requestHeadersTimeout: httpRequestHeadersTimeout }),
  };
}

function pathNormalization({ normalization, connection }: ConnectionManagerSettings): Part {
  const mergesSlashes =
    connection.httpMergeSlashes ||
    normalization === 'MERGE_SLASHES' ||
    normalization === 'DECODE_AND_MERGE_SLASHES';
  const escapedSlashes =
    connection.httpPathWithEscapedSlashesAction ??
    (normalization === 'DECODE_AND_MERGE_SLASHES' ? 'UNESCAPE_AND_FORWARD' : 'KEEP_UNCHANGED');
  return {
    normalizePath: normalization !== 'NONE',
    ...(mergesSlashes ? { mergeSlashes: true } : {}),
    pathWithEscapedSlashesAction: escapedSlashes,
  };
}
