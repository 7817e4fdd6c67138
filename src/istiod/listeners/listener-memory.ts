import type { IstioEgressListener } from '#config/istio/sidecar.ts';
import { memoOf } from '#source/memo.ts';
import type { Listener } from '#xds/listener.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { Service } from '../model/service.ts';
import type { SidecarScope } from '../model/sidecar-scope.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { type ObservedProxy, ResultsByProxy } from '../observed-proxy.ts';
import { routesConnections } from './outbound-listeners.ts';

/** What an egress listener gives to listeners: VirtualServices for HTTP have no say in them. */
interface EgressBasis {
  readonly listener: IstioEgressListener | undefined;
  readonly services: readonly Service[];
  readonly virtualServices: readonly VirtualService[];
}

interface Basis {
  readonly telemetries: MeshModel['telemetries'];
  /** Where destinations are looked up. */
  readonly services: readonly Service[];
  readonly egress: readonly EgressBasis[];
}

/**
 * The outbound listeners that were last made for a scope: they outlive every change of HTTP routes,
 * and of rules that they do not ask for.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, buildSidecarOutboundListeners
 */
export class ListenerMemory {
  readonly #key: (proxy: ProxyModel) => string;
  #basis: Basis | undefined;
  #results: ResultsByProxy<readonly Listener[]>;

  constructor(key: (proxy: ProxyModel) => string) {
    this.#key = key;
    this.#results = new ResultsByProxy(key);
  }

  get(
    model: MeshModel,
    scope: SidecarScope,
    proxy: ProxyModel,
    make: (observed: ObservedProxy) => readonly Listener[],
  ): readonly Listener[] {
    const basis = basisOf(model, scope);
    if (this.#basis === undefined || !isSameBasis(this.#basis, basis)) {
      this.#basis = basis;
      this.#results = new ResultsByProxy(this.#key);
    }
    const ruleOf = (host: string) => scope.destinationRule('outbound', proxy, host);
    return this.#results.get(proxy, model, make, ruleOf);
  }
}

function basisOf(
  { telemetries }: MeshModel,
  { egressListeners, services: all }: SidecarScope,
): Basis {
  const egress = egressListeners.map(({ listener, services, virtualServices }) => ({
    listener,
    services,
    virtualServices: routingConnections(virtualServices),
  }));
  return { telemetries, services: all, egress };
}

const routingConnections = memoOf((virtualServices: readonly VirtualService[]) =>
  virtualServices.filter(routesConnections),
);

function isSameBasis(a: Basis, b: Basis): boolean {
  return (
    a.telemetries === b.telemetries &&
    areSame(a.services, b.services) &&
    a.egress.length === b.egress.length &&
    a.egress.every((egress, index) => isSameEgress(egress, b.egress[index]!))
  );
}

function isSameEgress(a: EgressBasis, b: EgressBasis): boolean {
  return (
    a.listener === b.listener &&
    areSame(a.services, b.services) &&
    areSame(a.virtualServices, b.virtualServices)
  );
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
