import { formatProtoDuration } from '#source/duration.ts';
import type { AccessLog } from '#xds/listener.ts';
import { accessLogs } from './access-log/access-logs.ts';
import type { LoggingSide } from './access-log/logging-providers.ts';
import type { OriginNotes } from './clusters/cluster-origins.ts';
import type { ConnectionManagerSettings } from './listeners/connection-manager.ts';
import { connectionSettings } from './listeners/connection-settings.ts';
import { allowAnyDynamicDnsFilter } from './listeners/dynamic-forward-proxy.ts';
import type { TcpProxySettings } from './listeners/tcp-proxy.ts';
import type { MeshModel } from './model/mesh-model.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { SidecarScope } from './model/sidecar-scope.ts';
import type { RouteMemory } from './routes/route-memory.ts';
import type { SharedRoutes } from './routes/shared-routes.ts';

/** One proxy before the mesh: what every part of its configuration is made from. */
export interface ProxyView {
  readonly model: MeshModel;
  readonly proxy: ProxyModel;
  readonly scope: SidecarScope;
  readonly notes: OriginNotes;
  readonly sharedRoutes: SharedRoutes;
  /** What was made before for proxies of this scope. */
  readonly memory: RouteMemory;
  /** `shop.svc.cluster.local`. */
  readonly dnsDomain: string;
  /** The address that means all addresses of the proxy. */
  readonly wildcardAddress: string;
  readonly connectionManager: ConnectionManagerSettings;
  readonly tcp: TcpProxySettings;
  readonly protocolDetectionTimeout: string;
  /** Of connections that fit no filter chain. */
  readonly listenerAccessLog: readonly AccessLog[];
}

/** What proxies of a scope have in common. */
export type SharedView = Pick<ProxyView, 'scope' | 'notes' | 'sharedRoutes' | 'memory'>;

/** `side`: what arrives at a sidecar is logged as the server's, everything else as the client's. */
export function proxyView(
  model: MeshModel,
  proxy: ProxyModel,
  { scope, notes, sharedRoutes, memory }: SharedView,
  side: LoggingSide,
): ProxyView {
  const { meshConfig } = model;
  const { traffic: accessLog, listener: listenerAccessLog } = accessLogs(model, proxy, side);
  const { idleTimeout, http10 = false } = proxy.metadata;
  return {
    model,
    proxy,
    scope,
    notes,
    sharedRoutes,
    memory,
    dnsDomain: `${proxy.namespace}.svc.${model.domain}`,
    wildcardAddress: proxy.ips[0]?.includes(':') ? '::' : '0.0.0.0',
    connectionManager: {
      normalization: meshConfig.pathNormalization,
      connection: connectionSettings(meshConfig.defaultConfig?.connectionSettings, proxy.kind),
      idleTimeout,
      acceptsHttp10: http10,
      accessLog,
      outboundFilters:
        scope.outboundTrafficPolicy.mode === 'ALLOW_ANY_DYNAMIC_DNS'
          ? [allowAnyDynamicDnsFilter(proxy)]
          : [],
    },
    tcp: {
      lookupService: (host) => scope.service(host),
      lookupRule: (host) => scope.destinationRule('outbound', proxy, host),
      idleTimeout,
      accessLog,
    },
    protocolDetectionTimeout: formatProtoDuration(meshConfig.protocolDetectionTimeout),
    listenerAccessLog,
  };
}
