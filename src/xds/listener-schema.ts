import type { Json } from './core.ts';
import {
  address,
  camelCased,
  cidrRange,
  metadata,
  namedTypedConfig,
  type TypeRegistry,
  transportSocket,
} from './core-schema.ts';
import type {
  AccessLog,
  ConnectionHashPolicy,
  FilterChain,
  FilterChainMatch,
  HttpConnectionManager,
  Listener,
  ListenerFilter,
  ListenerFilterChainMatchPredicate,
  NetworkFilter,
  TcpProxy,
} from './listener.ts';
import {
  bool,
  duration,
  isObject,
  json,
  list,
  message,
  object,
  oneOf,
  type Reader,
  required,
  text,
  uint32,
} from './reader.ts';
import { httpFilter, routeConfiguration } from './route-schema.ts';

/** Readers of listeners (`listener.ts`). */
const ACCESS_LOGS: TypeRegistry = new Map<string, Reader<object>>(
  ['file.v3.FileAccessLog', 'stream.v3.StdoutAccessLog', 'stream.v3.StderrAccessLog'].map(
    (name) => [
      `envoy.extensions.access_loggers.${name}`,
      message<{
        readonly path?: string;
        readonly logFormat?: Json;
        readonly [old: string]: unknown;
      }>({
        path: text,
        logFormat: logFormat(),
      }),
    ],
  ),
);

/** The keys of a JSON format are the user's own. */
function logFormat(): Reader<Json> {
  return message<{
    readonly textFormat?: string;
    readonly textFormatSource?: Json;
    readonly jsonFormat?: Json;
    readonly omitEmptyValues?: boolean;
    readonly contentType?: string;
    readonly formatters?: Json;
    readonly jsonFormatOptions?: Json;
  }>({
    textFormat: text,
    textFormatSource: camelCased as Reader<Json>,
    jsonFormat: json,
    omitEmptyValues: bool,
    contentType: text,
    formatters: json,
    jsonFormatOptions: json,
  }) as Reader<Json>;
}

export const accessLog: Reader<AccessLog> = message<AccessLog>({
  name: required(text, ''),
  filter: camelCased as Reader<Json>,
  typedConfig: typedAccessLog(),
});

function typedAccessLog(): Reader<NonNullable<AccessLog['typedConfig']>> {
  const named = namedTypedConfig(() => ACCESS_LOGS);
  return (value, path, context) =>
    named({ name: '', typedConfig: value }, path, context)?.typedConfig as
      | NonNullable<AccessLog['typedConfig']>
      | undefined;
}

const upgradeConfigs = list(
  message<{ readonly upgradeType: string; readonly enabled?: boolean; readonly filters?: Json }>({
    upgradeType: required(text, ''),
    enabled: bool,
    filters: json,
  }),
);

const httpConnectionManager = message<Omit<HttpConnectionManager, '@type'>>({
  statPrefix: required(text, ''),
  codecType: oneOf('AUTO', 'HTTP1', 'HTTP2', 'HTTP3'),
  rds: message<NonNullable<HttpConnectionManager['rds']>>({
    routeConfigName: required(text, ''),
    configSource: json,
  }),
  routeConfig: routeConfiguration,
  httpFilters: list(httpFilter),
  addUserAgent: bool,
  tracing: camelCased as Reader<Json>,
  commonHttpProtocolOptions: message<
    NonNullable<HttpConnectionManager['commonHttpProtocolOptions']> & {
      readonly headersWithUnderscoresAction?: string;
    }
  >({
    idleTimeout: duration,
    maxConnectionDuration: duration,
    maxStreamDuration: duration,
    maxRequestsPerConnection: uint32,
    headersWithUnderscoresAction: text,
  }),
  httpProtocolOptions: camelCased as Reader<
    NonNullable<HttpConnectionManager['httpProtocolOptions']>
  >,
  http2ProtocolOptions: camelCased as Reader<Json>,
  serverName: text,
  serverHeaderTransformation: text,
  streamIdleTimeout: duration,
  requestTimeout: duration,
  requestHeadersTimeout: duration,
  drainTimeout: duration,
  delayedCloseTimeout: duration,
  accessLog: list(accessLog),
  useRemoteAddress: bool,
  xffNumTrustedHops: uint32,
  skipXffAppend: bool,
  via: text,
  generateRequestId: bool,
  preserveExternalRequestId: bool,
  alwaysSetRequestIdInResponse: bool,
  forwardClientCertDetails: text,
  setCurrentClientCertDetails: camelCased as Reader<Json>,
  proxy100Continue: bool,
  upgradeConfigs,
  normalizePath: bool,
  mergeSlashes: bool,
  pathWithEscapedSlashesAction: text,
  requestIdExtension: json,
  internalAddressConfig: message<NonNullable<HttpConnectionManager['internalAddressConfig']>>({
    cidrRanges: list(cidrRange),
    unixSockets: bool,
  }),
  stripMatchingHostPort: bool,
  stripAnyHostPort: bool,
  streamErrorOnInvalidHttpMessage: bool,
  originalIpDetectionExtensions: json,
  localReplyConfig: camelCased as Reader<Json>,
});

const tcpProxy = message<Omit<TcpProxy, '@type'>>({
  statPrefix: required(text, ''),
  cluster: text,
  weightedClusters: message<NonNullable<TcpProxy['weightedClusters']>>({
    clusters: required(
      list(
        message<{ readonly name: string; readonly weight?: number; readonly metadataMatch?: Json }>(
          {
            name: required(text, ''),
            weight: uint32,
            metadataMatch: json,
          },
        ),
      ),
      [],
    ),
  }),
  idleTimeout: duration,
  maxDownstreamConnectionDuration: duration,
  maxConnectAttempts: uint32,
  hashPolicy: list(
    message<ConnectionHashPolicy>({
      sourceIp: object,
      filterState: message<NonNullable<ConnectionHashPolicy['filterState']>>({
        key: required(text, ''),
      }),
    }),
  ),
  tunnelingConfig: camelCased as Reader<Json>,
  accessLog: list(accessLog),
});

const NETWORK_FILTERS: TypeRegistry = new Map<string, Reader<object>>([
  [
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    httpConnectionManager,
  ],
  ['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', tcpProxy],
]);

const networkFilter = namedTypedConfig(() => NETWORK_FILTERS) as Reader<NetworkFilter>;

const filterChainMatch = message<FilterChainMatch>({
  destinationPort: uint32,
  prefixRanges: list(cidrRange),
  directSourcePrefixRanges: list(cidrRange),
  sourceType: oneOf('ANY', 'SAME_IP_OR_LOOPBACK', 'EXTERNAL'),
  sourcePrefixRanges: list(cidrRange),
  sourcePorts: list(uint32),
  serverNames: list(text),
  transportProtocol: text,
  applicationProtocols: list(text),
});

const filterChain = message<FilterChain>({
  name: text,
  filterChainMatch,
  filters: list(networkFilter),
  transportSocket,
  transportSocketConnectTimeout: duration,
  metadata,
});

const filterDisabled: Reader<ListenerFilterChainMatchPredicate> =
  message<ListenerFilterChainMatchPredicate>(() => ({
    orMatch: message<NonNullable<ListenerFilterChainMatchPredicate['orMatch']>>({
      rules: list(filterDisabled),
    }),
    andMatch: message<NonNullable<ListenerFilterChainMatchPredicate['andMatch']>>({
      rules: list(filterDisabled),
    }),
    notMatch: filterDisabled,
    anyMatch: bool,
    destinationPortRange: message<
      NonNullable<ListenerFilterChainMatchPredicate['destinationPortRange']>
    >({ start: uint32, end: uint32 }),
  }));

const NO_TYPES: TypeRegistry = new Map();
const plainListenerFilter = namedTypedConfig(() => NO_TYPES);

const listenerFilter: Reader<ListenerFilter> = (value, path, context) => {
  if (!isObject(value)) return plainListenerFilter(value, path, context);
  const { filterDisabled: camel, filter_disabled: snake, ...rest } = value;
  const read = plainListenerFilter(rest, path, context);
  const disabled = camel ?? snake;
  if (read === undefined || disabled === undefined || disabled === null) return read;
  const predicate = filterDisabled(disabled, `${path}.filterDisabled`, context);
  return predicate === undefined ? read : { ...read, filterDisabled: predicate };
};

export const listener = message<Listener>({
  name: required(text, ''),
  address: required(address, {}),
  additionalAddresses: list(
    message<NonNullable<Listener['additionalAddresses']>[number]>({
      address: required(address, {}),
    }),
  ),
  bindToPort: bool,
  useOriginalDst: bool,
  transparent: bool,
  statPrefix: text,
  trafficDirection: oneOf('UNSPECIFIED', 'INBOUND', 'OUTBOUND'),
  filterChains: list(filterChain),
  defaultFilterChain: filterChain,
  listenerFilters: list(listenerFilter),
  listenerFiltersTimeout: duration,
  continueOnListenerFiltersTimeout: bool,
  connectionBalanceConfig: json,
  maxConnectionsToAcceptPerSocketEvent: uint32,
  accessLog: list(accessLog),
  metadata,
});
