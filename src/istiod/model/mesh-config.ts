import type {
  ConnectionPoolSettings,
  LocalityLoadBalancerSetting,
  OutlierDetection,
  TcpKeepalive,
  ZoneAwareLoadBalancerSetting,
} from '#config/istio/destination-rule.ts';
import type { HttpRetry } from '#config/istio/virtual-service.ts';

/**
 * The mesh-wide settings that decide about traffic. Durations are integer nanoseconds.
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
  readonly localityLbSetting: LocalityLoadBalancerSetting | undefined;
  readonly zoneAwareLbSetting: ZoneAwareLoadBalancerSetting | undefined;
  readonly tcpKeepalive: TcpKeepalive | undefined;
  readonly defaultTrafficPolicy:
    | {
        readonly connectionPool?: ConnectionPoolSettings | undefined;
        readonly outlierDetection?: OutlierDetection | undefined;
      }
    | undefined;
  readonly defaultHttpRetryPolicy: HttpRetry | undefined;
  readonly defaultInboundHttpRetryPolicy: HttpRetry | undefined;
  readonly accessLogFile: string;
  readonly accessLogFormat: string;
  readonly accessLogEncoding: 'TEXT' | 'JSON';
  readonly proxyListenPort: number;
  readonly proxyInboundListenPort: number;
  readonly proxyHttpPort: number;
  readonly pathNormalization: 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';
  readonly cipherSuites: readonly string[];
  readonly ecdhCurves: readonly string[];
}

const SECOND = 1_000_000_000;

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
  proxyListenPort: 15001,
  proxyInboundListenPort: 15006,
  proxyHttpPort: 0,
  pathNormalization: 'BASE',
  cipherSuites: [],
  ecdhCurves: [],
};
