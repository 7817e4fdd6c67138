import { flagBits } from '#telemetry/response-flags.ts';
import type { CelFields, CelValue } from '../cel/value.ts';
import { portStart } from '../http/authority.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { pathEnd } from '../http/path.ts';
import { requestIdOf } from '../http/request-id.ts';
import type { FormatContext } from './format-context.ts';

type Attribute = (context: FormatContext) => CelValue | undefined;

/**
 * What names stand for in expressions about a stream that has ended. Certificates, metadata, filter
 * state and the wire's own bytes are missing.
 *
 * @source envoy: source/extensions/filters/common/expr/context.cc
 */
export function streamAttributes(context: FormatContext): CelFields {
  return {
    size: GROUPS.size,
    get(group) {
      const fields = GROUPS.get(group);
      if (fields === undefined) return undefined;
      return { size: fields.size, get: (name) => fields.get(name)?.(context) };
    },
  };
}

const whole = (value: number | undefined): bigint | undefined =>
  value === undefined || value < 0 ? undefined : BigInt(Math.trunc(value));
/** Of texts that are '' while they are not known. */
const text = (value: string | undefined): string | undefined => value || undefined;
const headers = (map: HeaderMap | undefined): CelFields => ({
  size: map?.names.length ?? 0,
  get: (name) => {
    const values = map?.getAll(name.toLowerCase()) ?? [];
    return values.length === 0 ? undefined : values.join(',');
  },
});

const REQUEST: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['path', ({ request }) => text(request?.path)],
  ['url_path', ({ request }) => request && text(request.path.slice(0, pathEnd(request.path)))],
  ['query', ({ request }) => request?.path.slice(pathEnd(request.path)).replace(/^\?|#.*$/g, '')],
  ['host', ({ request }) => text(request?.authority)],
  ['scheme', ({ request }) => text(request?.scheme)],
  ['method', ({ request }) => text(request?.method)],
  ['headers', ({ request }) => requestHeaders(request)],
  ['referer', ({ request }) => request?.headers.get('referer')],
  ['useragent', ({ request }) => request?.headers.get('user-agent')],
  ['id', ({ request, key }) => request?.headers.get('x-request-id') ?? (key && requestIdOf(key))],
  ['protocol', ({ stream }) => text(stream?.protocol)],
  ['size', ({ stream }) => whole(stream?.bytesReceived)],
  ['time', ({ stream, epochMs }) => stream && epochMs * 1e6 + stream.startNs],
  ['duration', ({ stream }) => stream && spanNs(stream.startNs, stream.endNs)],
]);

const RESPONSE: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['code', ({ stream }) => whole(stream?.responseCode)],
  ['code_details', ({ stream }) => text(stream?.responseCodeDetails)],
  ['flags', ({ stream }) => stream && BigInt(flagBits(stream.responseFlags))],
  ['headers', ({ responseHeaders }) => headers(responseHeaders)],
  ['trailers', ({ responseTrailers }) => headers(responseTrailers)],
  ['grpc_status', ({ responseHeaders }) => grpcStatus(responseHeaders)],
  ['size', ({ stream }) => whole(stream?.bytesSent)],
  [
    'backend_latency',
    ({ stream }) => stream && spanNs(stream.startNs, stream.firstUpstreamResponseNs),
  ],
]);

const CONNECTION: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['requested_server_name', ({ stream }) => text(stream?.requestedServerName)],
  ['termination_details', ({ stream }) => text(stream?.connectionTerminationDetails)],
]);

const UPSTREAM: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['address', ({ stream }) => text(stream?.upstreamHost)],
  ['port', ({ stream }) => portOf(stream?.upstreamHost)],
  ['local_address', ({ stream }) => text(stream?.upstreamLocalAddress)],
  ['transport_failure_reason', ({ stream }) => stream?.upstreamTransportFailureReason],
  ['request_attempt_count', ({ stream }) => whole(stream?.attemptCount)],
]);

const SOURCE: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['address', ({ stream }) => text(stream?.downstreamRemoteAddress)],
  ['port', ({ stream }) => portOf(stream?.downstreamRemoteAddress)],
]);

const DESTINATION: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['address', ({ stream }) => text(stream?.downstreamLocalAddress)],
  ['port', ({ stream }) => portOf(stream?.downstreamLocalAddress)],
]);

const XDS: ReadonlyMap<string, Attribute> = new Map<string, Attribute>([
  ['cluster_name', ({ stream }) => text(stream?.upstreamCluster)],
  ['route_name', ({ stream }) => text(stream?.routeName)],
]);

const GROUPS: ReadonlyMap<string, ReadonlyMap<string, Attribute>> = new Map([
  ['request', REQUEST],
  ['response', RESPONSE],
  ['connection', CONNECTION],
  ['upstream', UPSTREAM],
  ['source', SOURCE],
  ['destination', DESTINATION],
  ['xds', XDS],
]);

/** Pseudo headers are among them. */
function requestHeaders(request: FormatContext['request']): CelFields {
  const regular = headers(request?.headers);
  const pseudo = new Map([
    [':method', request?.method],
    [':path', request?.path],
    [':authority', request?.authority],
    [':scheme', request?.scheme],
  ]);
  return { size: regular.size, get: (name) => pseudo.get(name) ?? regular.get(name) };
}

function spanNs(startNs: number, endNs: number): number | undefined {
  return endNs < 0 ? undefined : endNs - startNs;
}

function portOf(address: string | undefined): bigint | undefined {
  const colon = portStart(address ?? '');
  return colon < 0 ? undefined : BigInt(address!.slice(colon + 1));
}

function grpcStatus(found: HeaderMap | undefined): bigint | undefined {
  const status = found?.get('grpc-status');
  return status !== undefined && /^\d+$/.test(status) ? BigInt(status) : undefined;
}
