import type { Json } from '#xds/core.ts';
import type { AccessLog } from '#xds/listener.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import type { ProxyModel } from '../model/proxy.ts';
import { meshFileAccessLog, providerAccessLog } from './file-access-log.ts';
import { type LoggingSide, loggingProviders } from './logging-providers.ts';

/** What one side of a proxy logs. */
export interface AccessLogs {
  /** Of requests, and of TCP connections. */
  readonly traffic: readonly AccessLog[];
  /** Of connections that fit no filter chain. */
  readonly listener: readonly AccessLog[];
}

/**
 * The access logs that Telemetry resources and default providers ask for; where neither says anything,
 * MeshConfig.accessLogFile's.
 *
 * @source istio: pilot/pkg/networking/core/accesslog.go, setHTTPAccessLog, setListenerAccessLog;
 *   pilot/pkg/model/telemetry.go, AccessLogging
 */
export function accessLogs(model: MeshModel, proxy: ProxyModel, side: LoggingSide): AccessLogs {
  const logs = telemetryLogs(model, proxy, side) ?? fileLogs(model);
  return {
    traffic: logs.map(({ log, filters }) => filtered(log, filters)),
    listener: logs.map(({ log, filters }) => filtered(log, [NO_ROUTE, ...filters])),
  };
}

interface FilteredLog {
  readonly log: AccessLog;
  readonly filters: readonly Json[];
}

/** No filter chain was found. */
const NO_ROUTE: Json = { responseFlagFilter: { flags: ['NR'] } };

/** Undefined where no Telemetry says anything. Providers that are no files are passed over. */
function telemetryLogs(
  { meshConfig, telemetries }: MeshModel,
  { namespace, labels }: ProxyModel,
  side: LoggingSide,
): readonly FilteredLog[] | undefined {
  const levels = telemetries.accessLogging(namespace, labels);
  const chosen = [...loggingProviders(levels, meshConfig.accessLogProviders, side)].flatMap(
    ([name, logging]) => {
      const provider = meshConfig.fileAccessLogs.get(name.toLowerCase());
      return provider === undefined ? [] : [{ provider, logging }];
    },
  );
  if (chosen.length === 0) return undefined;
  return chosen
    .filter(({ logging }) => !logging.isDisabled)
    .sort((a, b) => (a.provider.name < b.provider.name ? -1 : 1))
    .map(({ provider, logging: { expression } }) => ({
      log: providerAccessLog(provider, meshConfig),
      filters: expression === undefined ? [] : [celFilter(expression)],
    }));
}

function fileLogs({ meshConfig }: MeshModel): readonly FilteredLog[] {
  const { accessLogFile } = meshConfig;
  if (accessLogFile === '') return [];
  return [{ log: meshFileAccessLog(accessLogFile, meshConfig), filters: [] }];
}

function celFilter(expression: string): Json {
  const typedConfig = {
    '@type': 'type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter',
    expression,
  };
  return { extensionFilter: { name: 'envoy.access_loggers.extension_filters.cel', typedConfig } };
}

function filtered({ name, typedConfig }: AccessLog, filters: readonly Json[]): AccessLog {
  const [only] = filters;
  const filter = filters.length > 1 ? { andFilter: { filters } } : only;
  return { name, ...(filter === undefined ? {} : { filter }), ...(typedConfig && { typedConfig }) };
}
