import type { Json } from '#xds/core.ts';
import type { AccessLog } from '#xds/listener.ts';
import type { ReportProblem } from '../string-matcher.ts';
import { type Format, parseFormat } from './format.ts';
import type { FormatContext } from './format-context.ts';

/**
 * The text format of Istio's `/dev/stdout` access log.
 *
 * @source istio: pilot/pkg/model/telemetry_logging.go, EnvoyTextLogFormat
 */
export const ISTIO_TEXT_FORMAT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% ' +
  '%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% ' +
  '"%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% ' +
  '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" ' +
  '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% ' +
  '%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% ' +
  '%REQUESTED_SERVER_NAME% %ROUTE_NAME%\n';

/**
 * The fields of Istio's JSON access log.
 *
 * @source istio: pilot/pkg/model/telemetry_logging.go, EnvoyJSONLogFormatIstio
 */
export const ISTIO_JSON_FORMAT: { readonly [field: string]: Json } = {
  start_time: '%START_TIME%',
  route_name: '%ROUTE_NAME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  protocol: '%PROTOCOL%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  connection_termination_details: '%CONNECTION_TERMINATION_DETAILS%',
  bytes_received: '%BYTES_RECEIVED%',
  bytes_sent: '%BYTES_SENT%',
  duration: '%DURATION%',
  upstream_service_time: '%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%',
  x_forwarded_for: '%REQ(X-FORWARDED-FOR)%',
  user_agent: '%REQ(USER-AGENT)%',
  request_id: '%REQ(X-REQUEST-ID)%',
  authority: '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  upstream_local_address: '%UPSTREAM_LOCAL_ADDRESS%',
  downstream_local_address: '%DOWNSTREAM_LOCAL_ADDRESS%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
  requested_server_name: '%REQUESTED_SERVER_NAME%',
  upstream_transport_failure_reason: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
};

/** Prints one line per stream, its newline included. */
export interface AccessLogFormatter {
  line(context: FormatContext): string;
}

export function textAccessLog(format: string, report: ReportProblem): AccessLogFormatter {
  const compiled = parseFormat(format, report);
  return { line: (context) => compiled.print(context) };
}

/** Objects may nest; their keys are printed in code-unit order, as Envoy sorts them. */
export function jsonAccessLog(
  fields: { readonly [field: string]: Json },
  report: ReportProblem,
): AccessLogFormatter {
  const compiled = compileJson(fields, report);
  return { line: (context) => `${JSON.stringify(compiled(context))}\n` };
}

/**
 * The formatter of a file or stdout access log; Istio's text format when none is given.
 *
 * @source envoy: api/envoy/extensions/access_loggers/file/v3/file.proto, stream/v3/stream.proto
 */
export function accessLogFormatter(xds: AccessLog, report: ReportProblem): AccessLogFormatter {
  const format = xds.typedConfig?.['logFormat'];
  if (!isObject(format)) return textAccessLog(ISTIO_TEXT_FORMAT, report);
  if (isObject(format['jsonFormat'])) return jsonAccessLog(format['jsonFormat'], report);
  const source = isObject(format['textFormatSource'])
    ? format['textFormatSource']['inlineString']
    : format['textFormat'];
  return textAccessLog(typeof source === 'string' ? source : ISTIO_TEXT_FORMAT, report);
}

type CompiledJson = (context: FormatContext) => Json;

function compileJson(value: Json, report: ReportProblem): CompiledJson {
  if (typeof value === 'string') {
    const format: Format = parseFormat(value, report);
    return (context) => format.value(context);
  }
  if (Array.isArray(value)) {
    const items = value.map((item: Json) => compileJson(item, report));
    return (context) => items.map((item) => item(context));
  }
  if (isObject(value)) {
    const fields = Object.keys(value)
      .sort()
      .map((name) => [name, compileJson(value[name]!, report)] as const);
    return (context) => Object.fromEntries(fields.map(([name, field]) => [name, field(context)]));
  }
  return () => value;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
