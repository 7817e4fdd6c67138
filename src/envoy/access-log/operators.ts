import { flagsText, RESPONSE_FLAGS } from '#telemetry/response-flags.ts';
import { ENVOY_GRPC_STATUSES } from '#xds/grpc-status.ts';
import { PATH_NORMALIZATION_FAILED } from '../http/path-normalization.ts';
import { requestIdOf } from '../http/request-id.ts';
import { headerValue } from '../router/header-condition.ts';
import { isGrpcRequest } from '../router/route-match.ts';
import type { StreamInfo } from '../stream-info.ts';
import { formatDate } from './date-format.ts';
import type { FormatContext } from './format-context.ts';

/** What an operator gives: undefined prints as `-`, or is left out. */
export type FormatValue = string | number | undefined;

export interface Operator {
  /** True when the request alone decides the value. */
  readonly isOfRequest: boolean;
  evaluate(context: FormatContext): FormatValue;
}

/**
 * The operator for a command such as `REQ` with its argument in parentheses; undefined for an unknown
 * one. What a simulation has no value for (metadata, TLS details) prints as missing.
 *
 * @source envoy: source/common/formatter/stream_info_formatter.cc, http_specific_formatter.cc
 */
export function operatorOf(command: string, argument: string | undefined): Operator | undefined {
  const header = HEADER_COMMANDS.get(command);
  if (header !== undefined) return headerOperator(header, argument ?? '', command);
  if (command === 'START_TIME') return startTime(argument ?? '');
  const read = STREAM_COMMANDS.get(command);
  if (read !== undefined) return ofStream(read);
  return VALUELESS_COMMANDS.has(command) ? ofStream(() => undefined) : undefined;
}

const REQUEST_ID = 'x-request-id';
const SERVICE_TIME = 'x-envoy-upstream-service-time';

type HeaderSource = 'request' | 'response' | 'trailer';

const HEADER_COMMANDS: ReadonlyMap<string, HeaderSource> = new Map([
  ['REQ', 'request'],
  ['REQUEST_HEADER', 'request'],
  ['REQ_WITHOUT_QUERY', 'request'],
  ['RESP', 'response'],
  ['RESPONSE_HEADER', 'response'],
  ['TRAILER', 'trailer'],
  ['RESPONSE_TRAILER', 'trailer'],
]);

/** `A?B`: the first header, else the second. */
function headerOperator(source: HeaderSource, argument: string, command: string): Operator {
  const [name = '', alternative = ''] = argument.toLowerCase().split('?');
  const cut = command === 'REQ_WITHOUT_QUERY' ? withoutQuery : (value: FormatValue) => value;
  return {
    isOfRequest: source === 'request' && name !== REQUEST_ID && alternative !== REQUEST_ID,
    evaluate: (context) => {
      const value = headerOf(context, source, pseudoName(name));
      if (value !== undefined || alternative === '') return cut(value);
      return cut(headerOf(context, source, pseudoName(alternative)));
    },
  };
}

/** Formats write `:path` as well as `path` for pseudo headers only with the colon; `host` is `:authority`. */
function pseudoName(name: string): string {
  return name === 'host' ? ':authority' : name;
}

function headerOf(context: FormatContext, source: HeaderSource, name: string): FormatValue {
  if (source === 'request') {
    if (context.request === undefined) return undefined;
    const value = headerValue(context.request, name);
    if (value !== undefined || name !== REQUEST_ID || context.key === undefined) return value;
    // A request whose path is refused is not given one any more.
    const isRefused = context.stream?.responseCodeDetails === PATH_NORMALIZATION_FAILED;
    return isRefused ? undefined : requestIdOf(context.key);
  }
  if (source === 'response' && name === SERVICE_TIME) {
    const timeMs = context.stream?.upstreamServiceTimeMs ?? -1;
    if (timeMs >= 0) return String(timeMs);
  }
  const headers = source === 'response' ? context.responseHeaders : context.responseTrailers;
  return headers?.get(name);
}

function withoutQuery(value: FormatValue): FormatValue {
  return typeof value === 'string' ? value.replace(/\?.*$/s, '') : value;
}

/** The format argument is strftime with `%f` for fractions; ISO 8601 in ms when absent. */
function startTime(format: string): Operator {
  return ofStream((stream, context) =>
    stream.startNs < 0 ? undefined : formatDate(context.epochMs, stream.startNs, format),
  );
}

type ReadStream = (stream: StreamInfo, context: FormatContext) => FormatValue;

function ofStream(read: ReadStream): Operator {
  return {
    isOfRequest: false,
    evaluate: (context) =>
      context.stream === undefined ? undefined : read(context.stream, context),
  };
}

const STREAM_COMMANDS: ReadonlyMap<string, ReadStream> = new Map<string, ReadStream>([
  ['PROTOCOL', (stream) => text(stream.protocol)],
  ['RESPONSE_CODE', (stream) => stream.responseCode],
  ['RESPONSE_CODE_DETAILS', (stream) => text(stream.responseCodeDetails)],
  ['RESPONSE_FLAGS', (stream) => flagsText(stream.responseFlags)],
  ['RESPONSE_FLAGS_LONG', (stream) => longFlagsText(flagsText(stream.responseFlags))],
  ['CONNECTION_TERMINATION_DETAILS', (stream) => text(stream.connectionTerminationDetails)],
  ['BYTES_RECEIVED', (stream) => stream.bytesReceived],
  ['BYTES_SENT', (stream) => stream.bytesSent],
  ['DURATION', (stream) => betweenMs(stream.startNs, stream.endNs)],
  ['REQUEST_DURATION', (stream) => betweenMs(stream.startNs, stream.requestEndNs)],
  ['RESPONSE_DURATION', (stream) => betweenMs(stream.startNs, stream.firstUpstreamResponseNs)],
  [
    'RESPONSE_TX_DURATION',
    (stream) => betweenMs(stream.firstUpstreamResponseNs, stream.responseEndNs),
  ],
  ['UPSTREAM_HOST', (stream) => text(stream.upstreamHost)],
  ['UPSTREAM_REMOTE_ADDRESS', (stream) => text(stream.upstreamHost)],
  ['UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT', (stream) => withoutPort(stream.upstreamHost)],
  ['UPSTREAM_REMOTE_PORT', (stream) => portOf(stream.upstreamHost)],
  ['UPSTREAM_CLUSTER', (stream) => text(stream.upstreamCluster)],
  ['UPSTREAM_CLUSTER_RAW', (stream) => text(stream.upstreamCluster)],
  ['UPSTREAM_LOCAL_ADDRESS', (stream) => text(stream.upstreamLocalAddress)],
  ['UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT', (stream) => withoutPort(stream.upstreamLocalAddress)],
  [
    'UPSTREAM_TRANSPORT_FAILURE_REASON',
    (stream) => text(stream.upstreamTransportFailureReason.replaceAll(' ', '_')),
  ],
  ['UPSTREAM_REQUEST_ATTEMPT_COUNT', (stream) => stream.attemptCount],
  ['DOWNSTREAM_LOCAL_ADDRESS', (stream) => text(stream.downstreamLocalAddress)],
  ['DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT', (stream) => withoutPort(stream.downstreamLocalAddress)],
  ['DOWNSTREAM_LOCAL_PORT', (stream) => portOf(stream.downstreamLocalAddress)],
  ['DOWNSTREAM_REMOTE_ADDRESS', (stream) => text(stream.downstreamRemoteAddress)],
  [
    'DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT',
    (stream) => withoutPort(stream.downstreamRemoteAddress),
  ],
  ['DOWNSTREAM_REMOTE_PORT', (stream) => portOf(stream.downstreamRemoteAddress)],
  ['DOWNSTREAM_DIRECT_REMOTE_ADDRESS', (stream) => text(stream.downstreamDirectRemoteAddress)],
  [
    'DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT',
    (stream) => withoutPort(stream.downstreamDirectRemoteAddress),
  ],
  ['REQUESTED_SERVER_NAME', (stream) => text(stream.requestedServerName)],
  ['ROUTE_NAME', (stream) => text(stream.routeName)],
  ['HOSTNAME', (stream) => text(stream.hostname)],
  ['GRPC_STATUS_NUMBER', (_stream, context) => grpcStatus(context)],
  ['GRPC_STATUS', (_stream, context) => grpcStatusName(grpcStatus(context))],
]);

/** Known to Envoy, but a simulation has nothing to print for them. */
const VALUELESS_COMMANDS: ReadonlySet<string> = new Set([
  ...['VIRTUAL_CLUSTER_NAME', 'STREAM_ID', 'TRACE_ID', 'CONNECTION_ID', 'UPSTREAM_CONNECTION_ID'],
  ...['DYNAMIC_METADATA', 'CLUSTER_METADATA', 'UPSTREAM_METADATA', 'FILTER_STATE', 'METADATA'],
  ...['UPSTREAM_FILTER_STATE', 'DOWNSTREAM_PEER_URI_SAN', 'DOWNSTREAM_LOCAL_URI_SAN', 'CEL'],
  ...['DOWNSTREAM_PEER_SUBJECT', 'DOWNSTREAM_LOCAL_SUBJECT', 'DOWNSTREAM_PEER_ISSUER'],
  ...['DOWNSTREAM_TLS_VERSION', 'DOWNSTREAM_TLS_CIPHER', 'DOWNSTREAM_TLS_SESSION_ID'],
  ...['DOWNSTREAM_PEER_FINGERPRINT_256', 'DOWNSTREAM_PEER_SERIAL', 'DOWNSTREAM_PEER_CERT'],
  ...['DOWNSTREAM_TRANSPORT_FAILURE_REASON', 'UPSTREAM_PROTOCOL', 'LOCAL_REPLY_BODY'],
  ...['UPSTREAM_WIRE_BYTES_SENT', 'UPSTREAM_WIRE_BYTES_RECEIVED', 'ACCESS_LOG_TYPE'],
  ...['DOWNSTREAM_WIRE_BYTES_SENT', 'DOWNSTREAM_WIRE_BYTES_RECEIVED', 'ENVIRONMENT'],
  ...['UPSTREAM_HEADER_BYTES_SENT', 'UPSTREAM_HEADER_BYTES_RECEIVED', 'UNIQUE_ID'],
  ...['DOWNSTREAM_HEADER_BYTES_SENT', 'DOWNSTREAM_HEADER_BYTES_RECEIVED', 'TRACE_ID'],
  ...['COMMON_DURATION', 'CUSTOM_FLAGS', 'RESPONSE_HEADERS_BYTES', 'REQUEST_HEADERS_BYTES'],
  ...['PER_REQUEST_STATE', 'UPSTREAM_HOST_NAME', 'EMIT_TIME', 'FILTER_CHAIN_NAME'],
]);

function text(value: string): FormatValue {
  return value === '' ? undefined : value;
}

/** `URX,UF` with the flags' long names. */
function longFlagsText(short: string): string {
  if (short === '-') return short;
  return short
    .split(',')
    .map((flag) => LONG_FLAGS.get(flag)!)
    .join(',');
}

const LONG_FLAGS: ReadonlyMap<string, string> = new Map(RESPONSE_FLAGS);

function betweenMs(fromNs: number, toNs: number): FormatValue {
  return fromNs < 0 || toNs < 0 ? undefined : Math.trunc((toNs - fromNs) / 1e6);
}

function withoutPort(address: string): FormatValue {
  if (address === '') return undefined;
  const colon = address.lastIndexOf(':');
  const host = colon < 0 || address.endsWith(']') ? address : address.slice(0, colon);
  return host.replace(/^\[|\]$/g, ''); // An IPv6 address needs its brackets only beside a port.
}

function portOf(address: string): FormatValue {
  const colon = address.lastIndexOf(':');
  return colon < 0 || address.endsWith(']') ? undefined : Number(address.slice(colon + 1));
}

/** Of gRPC requests alone. */
function grpcStatus(context: FormatContext): FormatValue {
  if (context.request === undefined || !isGrpcRequest(context.request)) return undefined;
  const status =
    context.responseTrailers?.get('grpc-status') ?? context.responseHeaders?.get('grpc-status');
  return status === undefined ? undefined : Number(status);
}

/** `DeadlineExceeded`. @source envoy: source/common/grpc/utility.cc, grpcStatusToString */
const GRPC_STATUS_NAMES = ENVOY_GRPC_STATUSES.map((name) =>
  name === 'OK'
    ? name
    : name.toLowerCase().replace(/(?:^|_)(.)/g, (_all, first: string) => first.toUpperCase()),
);

function grpcStatusName(status: FormatValue): FormatValue {
  return typeof status === 'number' ? (GRPC_STATUS_NAMES[status] ?? String(status)) : status;
}
