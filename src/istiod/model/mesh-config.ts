import type { MeshConfigSpec, ProxyDefaults } from '#config/istio/mesh-config.ts';

type ExtensionProvider = MeshConfigSpec['extensionProviders'][number];

/** An extension provider that writes lines to a file. */
export interface FileAccessLogProvider {
  readonly name: string;
  readonly settings: NonNullable<ExtensionProvider['envoyFileAccessLog']>;
}

/**
 * The mesh-wide settings that decide about traffic, with Istio's defaults where nothing is written.
 * Durations are integer nanoseconds.
 *
 * @source istio: pkg/config/mesh/mesh.go, DefaultMeshConfig; istio.io/api: mesh/v1alpha1/config.proto
 */
export interface MeshConfig {
  readonly rootNamespace: string;
  readonly trustDomain: string;
  readonly trustDomainAliases: readonly string[];
  readonly connectTimeout: number;
  readonly dnsRefreshRate: number;
  readonly protocolDetectionTimeout: number;
  readonly enableAutoMtls: boolean;
  readonly h2UpgradePolicy: 'DO_NOT_UPGRADE' | 'UPGRADE';
  readonly outboundTrafficPolicy: 'REGISTRY_ONLY' | 'ALLOW_ANY' | 'ALLOW_ANY_DYNAMIC_DNS';
  readonly inboundTrafficPolicy: 'PASSTHROUGH' | 'LOCALHOST';
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultVirtualServiceExportTo: readonly string[];
  readonly defaultDestinationRuleExportTo: readonly string[];
  readonly localityLbSetting: MeshConfigSpec['localityLbSetting'];
  readonly zoneAwareLbSetting: MeshConfigSpec['zoneAwareLbSetting'];
  readonly tcpKeepalive: MeshConfigSpec['tcpKeepalive'];
  readonly defaultTrafficPolicy: MeshConfigSpec['defaultTrafficPolicy'];
  readonly defaultHttpRetryPolicy: MeshConfigSpec['defaultHttpRetryPolicy'];
  readonly defaultInboundHttpRetryPolicy: MeshConfigSpec['defaultInboundHttpRetryPolicy'];
  readonly accessLogFile: string;
  readonly accessLogFormat: string;
  readonly accessLogEncoding: 'TEXT' | 'JSON';
  readonly accessLogProviders: readonly string[];
  /** By name in lower case. */
  readonly fileAccessLogs: ReadonlyMap<string, FileAccessLogProvider>;
  readonly proxyListenPort: number;
  readonly proxyInboundListenPort: number;
  readonly proxyHttpPort: number;
  readonly pathNormalization: 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';
  /** Of TLS that rules and gateways describe, not of the mesh's own. */
  readonly tlsCipherSuites: readonly string[];
  readonly tlsEcdhCurves: readonly string[];
  readonly defaultConfig: ProxyDefaults | undefined;
}

const SECOND = 1_000_000_000;

const BUILT_IN_ACCESS_LOG: FileAccessLogProvider = {
  name: 'envoy',
  settings: { path: '/dev/stdout', logFormat: undefined, omitEmptyValues: false },
};

/** What holds where nobody says otherwise. */
export const DEFAULT_MESH_CONFIG: MeshConfig = {
  rootNamespace: 'istio-system',
  trustDomain: 'cluster.local',
  trustDomainAliases: [],
  connectTimeout: 10 * SECOND,
  dnsRefreshRate: 60 * SECOND,
  protocolDetectionTimeout: 0,
  enableAutoMtls: true,
  h2UpgradePolicy: 'DO_NOT_UPGRADE',
  outboundTrafficPolicy: 'ALLOW_ANY',
  inboundTrafficPolicy: 'PASSTHROUGH',
  defaultServiceExportTo: ['*'],
  defaultVirtualServiceExportTo: ['*'],
  defaultDestinationRuleExportTo: ['*'],
  localityLbSetting: { enabled: true, distribute: [], failover: [], failoverPriority: [] },
  zoneAwareLbSetting: undefined,
  tcpKeepalive: undefined,
  defaultTrafficPolicy: undefined,
  defaultHttpRetryPolicy: undefined,
  defaultInboundHttpRetryPolicy: undefined,
  accessLogFile: '',
  accessLogFormat: '',
  accessLogEncoding: 'TEXT',
  accessLogProviders: [],
  fileAccessLogs: new Map([['envoy', BUILT_IN_ACCESS_LOG]]),
  proxyListenPort: 15001,
  proxyInboundListenPort: 15006,
  proxyHttpPort: 0,
  pathNormalization: 'BASE',
  tlsCipherSuites: [],
  tlsEcdhCurves: [],
  defaultConfig: undefined,
};

/** A written mesh configuration laid over the defaults: a field that is written replaces its default. */
export function effectiveMeshConfig(written: MeshConfigSpec | undefined): MeshConfig {
  const base = DEFAULT_MESH_CONFIG;
  if (written === undefined) return base;
  return {
    ...base,
    ...present(written, SCALARS),
    ...present(written, MESSAGES),
    ...nonEmptyLists(written),
    outboundTrafficPolicy: written.outboundTrafficPolicy?.mode ?? base.outboundTrafficPolicy,
    inboundTrafficPolicy: written.inboundTrafficPolicy?.mode ?? base.inboundTrafficPolicy,
    accessLogProviders: written.defaultProviders?.accessLogging ?? base.accessLogProviders,
    fileAccessLogs: fileAccessLogs(written.extensionProviders),
    pathNormalization: normalization(written),
    tlsCipherSuites: written.tlsDefaults?.cipherSuites ?? base.tlsCipherSuites,
    tlsEcdhCurves: written.tlsDefaults?.ecdhCurves ?? base.tlsEcdhCurves,
  };
}

/** Those that are written, and the one that is built in; the last of a name counts. */
function fileAccessLogs(
  providers: MeshConfigSpec['extensionProviders'],
): ReadonlyMap<string, FileAccessLogProvider> {
  const found = new Map(DEFAULT_MESH_CONFIG.fileAccessLogs);
  for (const { name, envoyFileAccessLog: settings } of providers) {
    const key = name.toLowerCase();
    if (settings === undefined) found.delete(key);
    else found.set(key, { name, settings });
  }
  return found;
}

const SCALARS = [
  'rootNamespace',
  'trustDomain',
  'connectTimeout',
  'dnsRefreshRate',
  'protocolDetectionTimeout',
  'enableAutoMtls',
  'h2UpgradePolicy',
  'accessLogFile',
  'accessLogFormat',
  'accessLogEncoding',
  'proxyListenPort',
  'proxyInboundListenPort',
  'proxyHttpPort',
] as const;

const MESSAGES = [
  'localityLbSetting',
  'zoneAwareLbSetting',
  'tcpKeepalive',
  'defaultTrafficPolicy',
  'defaultHttpRetryPolicy',
  'defaultInboundHttpRetryPolicy',
  'defaultConfig',
] as const;

const LISTS = [
  'trustDomainAliases',
  'defaultServiceExportTo',
  'defaultVirtualServiceExportTo',
  'defaultDestinationRuleExportTo',
] as const;

function present(
  written: MeshConfigSpec,
  names: readonly (keyof MeshConfigSpec & keyof MeshConfig)[],
): Partial<MeshConfig> {
  return Object.fromEntries(
    names.filter((name) => written[name] !== undefined).map((name) => [name, written[name]]),
  );
}

function nonEmptyLists(written: MeshConfigSpec): Partial<MeshConfig> {
  return present(
    written,
    LISTS.filter((name) => written[name].length > 0),
  );
}

/** @source istio: pilot/pkg/networking/core/listener.go, the path normalization of a connection manager */
function normalization(written: MeshConfigSpec): MeshConfig['pathNormalization'] {
  const told = written.pathNormalization?.normalization ?? 'DEFAULT';
  return told === 'DEFAULT' ? DEFAULT_MESH_CONFIG.pathNormalization : told;
}
