import type { ConsistentHash } from '#config/istio/destination-rule.ts';
import type { HttpRetry } from '#config/istio/virtual-service.ts';
import type { DestinationRuleIndex } from '../model/destination-rule-index.ts';
import type { HostName } from '../model/host-name.ts';
import type { IstioBehaviours } from '../model/istio-version.ts';
import { selects } from '../model/labels.ts';
import { MESH_GATEWAY } from '../model/names.ts';
import type { Service } from '../model/service.ts';
import type { ProxyView } from '../proxy-settings.ts';
import { hashOfDestination, hashOfService } from './consistent-hash.ts';
import { destinationCluster } from './destination-cluster.ts';
import type { RouteContext } from './route-context.ts';

/** What the routes of a sidecar's ports have in common. */
export class SidecarRouting {
  readonly view: ProxyView;
  readonly dnsDomain: string;
  readonly meshRetries: HttpRetry | undefined;
  readonly behaviours: IstioBehaviours;
  readonly rules: DestinationRuleIndex;

  constructor(view: ProxyView) {
    this.view = view;
    this.dnsDomain = view.dnsDomain;
    this.meshRetries = view.model.meshConfig.defaultHttpRetryPolicy;
    this.behaviours = view.model.behaviours;
    this.rules = view.model.destinationRules;
  }

  /** How VirtualServices are read on a port; `services` are those of that port. */
  context(listenPort: number, services: ReadonlyMap<HostName, Service>): RouteContext {
    return routeContext(this.view, {
      listenPort,
      gateway: MESH_GATEWAY,
      isTls: false,
      services,
      lookupService: (host) => services.get(host),
    });
  }

  hashOfService(service: Service, port: number): ConsistentHash | undefined {
    return hashOfService(this.view.tcp.lookupRule(service.hostname), port);
  }
}

/** Where VirtualServices are read: on a port of a sidecar, or at a server of a gateway. */
interface RoutePlace extends Pick<RouteContext, 'listenPort' | 'gateway' | 'isTls' | 'services'> {
  readonly lookupService: (host: HostName) => Service | undefined;
}

export function routeContext(view: ProxyView, place: RoutePlace): RouteContext {
  const { model, proxy, tcp, notes } = view;
  const { lookupService, ...rest } = place;
  return {
    ...rest,
    placeKey: `${rest.listenPort} ${rest.gateway} ${rest.isTls}`,
    ruleOf: tcp.lookupRule,
    meshRetries: model.meshConfig.defaultHttpRetryPolicy,
    behaviours: model.behaviours,
    clusterOf: (destination) =>
      destinationCluster(destination, lookupService(destination?.host ?? ''), rest.listenPort),
    hashOf: (destination) =>
      destination && hashOfDestination(tcp.lookupRule(destination.host), destination),
    isCalledBy: (labels, namespace) =>
      selects(labels, proxy.labels) && (namespace === '' || namespace === proxy.namespace),
    notes,
  };
}
