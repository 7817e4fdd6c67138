import type { Json } from '#xds/core.ts';
import { ISTIO_TEXT_FORMAT } from '#xds/istio-access-log-format.ts';
import type { AccessLog } from '#xds/listener.ts';
import type { ReportProblem } from '../string-matcher.ts';
import { type Format, parseFormat } from './format.ts';
import type { FormatContext } from './format-context.ts';

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
