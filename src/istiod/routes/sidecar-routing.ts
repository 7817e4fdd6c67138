import type { ConsistentHash } from '#config/istio/destination-rule.ts';
import type { HttpRetry } from '#config/istio/virtual-service.ts';
import type { HostName } from '../model/host-name.ts';
import type { IstioBehaviours } from '../model/istio-version.ts';
import { MESH_GATEWAY } from '../model/names.ts';
import type { Service } from '../model/service.ts';
import type { ProxyView } from '../proxy-settings.ts';
import { hashOfDestination, hashOfService } from './consistent-hash.ts';
import type { RouteContext } from './route-context.ts';

/** What the routes of a sidecar's ports have in common. */
export class SidecarRouting {
  readonly view: ProxyView;
  readonly dnsDomain: string;
  readonly meshRetries: HttpRetry | undefined;
  readonly behaviours: IstioBehaviours;

  constructor(view: ProxyView) {
    this.view = view;
    this.dnsDomain = view.dnsDomain;
    this.meshRetries = view.model.meshConfig.defaultHttpRetryPolicy;
    this.behaviours = view.model.behaviours;
  }

  /** How VirtualServices are read on a port; `services` are those of that port. */
  context(
    listenPort: number,
    lookupService: (host: HostName) => Service | undefined,
  ): RouteContext {
    return routeContext(this.view, {
      listenPort,
      gateway: MESH_GATEWAY,
      isTls: false,
      lookupService,
    });
  }

  hashOfService(service: Service, port: number): ConsistentHash | undefined {
    return hashOfService(this.view.tcp.lookupRule(service.hostname), port);
  }
}

/** Where VirtualServices are read: on a port of a sidecar, or at a server of a gateway. */
type RoutePlace = Pick<RouteContext, 'listenPort' | 'gateway' | 'isTls' | 'lookupService'>;

export function routeContext(view: ProxyView, place: RoutePlace): RouteContext {
  const { model, proxy, tcp, notes } = view;
  return {
    ...place,
    proxy,
    meshRetries: model.meshConfig.defaultHttpRetryPolicy,
    behaviours: model.behaviours,
    lookupHash: ({ destination }) =>
      destination && hashOfDestination(tcp.lookupRule(destination.host), destination),
    notes,
  };
}
