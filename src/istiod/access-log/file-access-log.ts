import { isMapping, isSequence, type YamlValue } from '#source/yaml-value.ts';
import type { Json } from '#xds/core.ts';
import { ISTIO_JSON_FORMAT, ISTIO_TEXT_FORMAT } from '#xds/istio-access-log-format.ts';
import type { AccessLog } from '#xds/listener.ts';
import type { FileAccessLogProvider, MeshConfig } from '../model/mesh-config.ts';

type LogFormat = { readonly [field: string]: Json };
type Formatting = Pick<MeshConfig, 'accessLogFormat' | 'accessLogEncoding'>;

/**
 * A log into a file in the format of MeshConfig.
 *
 * @source istio: pilot/pkg/model/telemetry_logging.go, FileAccessLogFromMeshConfig
 */
export function meshFileAccessLog(
  path: string,
  { accessLogFormat, accessLogEncoding }: Formatting,
): AccessLog {
  const format =
    accessLogEncoding === 'JSON'
      ? jsonFormat(parsedFields(accessLogFormat) ?? ISTIO_JSON_FORMAT)
      : textFormat(accessLogFormat);
  return fileAccessLog(path, format);
}

/**
 * The log of a provider. The built-in one takes MeshConfig's format while it has none of its own.
 *
 * @source istio: the same file, telemetryAccessLog, fileAccessLogFromTelemetry
 */
export function providerAccessLog(
  { name, settings }: FileAccessLogProvider,
  formatting: Formatting,
): AccessLog {
  const { path, logFormat, omitEmptyValues } = settings;
  if (name === 'envoy' && logFormat === undefined && !omitEmptyValues) {
    return meshFileAccessLog(path, formatting);
  }
  const fields = logFormat?.labels === undefined ? undefined : fieldsOf(logFormat.labels);
  const format =
    fields === undefined
      ? textFormat(logFormat?.text ?? '')
      : jsonFormat(Object.keys(fields).length === 0 ? ISTIO_JSON_FORMAT : fields);
  const omits = omitEmptyValues ? { omitEmptyValues: true } : {};
  return fileAccessLog(path || '/dev/stdout', { ...format, ...omits });
}

function fileAccessLog(path: string, logFormat: LogFormat): AccessLog {
  const typedConfig = {
    '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
    path,
    logFormat,
  };
  return { name: 'envoy.access_loggers.file', typedConfig };
}

function textFormat(written: string): LogFormat {
  const lines = written === '' || written.endsWith('\n') ? written : `${written}\n`;
  return { textFormatSource: { inlineString: lines || ISTIO_TEXT_FORMAT } };
}

function jsonFormat(fields: LogFormat): LogFormat {
  return { jsonFormat: fields, jsonFormatOptions: { sortProperties: false } };
}

/** A format written as JSON; undefined when there is none, or it is no JSON. */
function parsedFields(written: string): LogFormat | undefined {
  if (written === '') return undefined;
  try {
    const parsed: unknown = JSON.parse(written);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as LogFormat) : undefined; // What JSON.parse gives is JSON.
  } catch {
    return undefined;
  }
}

function fieldsOf(labels: YamlValue): LogFormat {
  return isMapping(labels)
    ? Object.fromEntries([...labels].map(([name, value]) => [name, jsonOf(value)]))
    : {};
}

function jsonOf(value: YamlValue): Json {
  if (isMapping(value)) return fieldsOf(value);
  return isSequence(value) ? value.map(jsonOf) : value;
}
