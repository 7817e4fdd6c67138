import { append } from './append.ts';
import { compareCreation } from './creation-order.ts';
import { NOBODY, PUBLIC } from './export-to.ts';
import { namespacedName } from './names.ts';
import type { VirtualService } from './virtual-service.ts';
import { withDelegates } from './virtual-service-merge.ts';

/**
 * VirtualServices by the gateways that they are bound to and the namespaces that may see them; in
 * each part the oldest first.
 *
 * @source istio: pilot/pkg/model/push_context.go, initVirtualServices, VirtualServicesForGateway
 */
export class VirtualServiceIndex {
  /** Everything with hosts, oldest first. */
  readonly all: readonly VirtualService[];
  readonly #publicByGateway = new Map<string, VirtualService[]>();
  /** By namespace, then gateway. */
  readonly #privateByGateway = new Map<string, VirtualService[]>();
  readonly #exportedByGateway = new Map<string, VirtualService[]>();
  /** Some of them come from the Gateway API. */
  readonly #hasGatewaySemantics: boolean;
  readonly #candidates = new Map<string, readonly VirtualService[]>();

  constructor(resolved: readonly VirtualService[]) {
    this.all = [...withDelegates(resolved)].sort(compareCreation);
    this.#hasGatewaySemantics = this.all.some(({ hasGatewaySemantics }) => hasGatewaySemantics);
    for (const virtualService of this.all) {
      for (const gateway of virtualService.gateways) this.#add(virtualService, gateway);
    }
  }

  #add(virtualService: VirtualService, gateway: string): void {
    const { exportTo, namespace } = virtualService;
    if (exportTo.has(PUBLIC)) append(this.#publicByGateway, gateway, virtualService);
    else if (!exportTo.has(NOBODY)) {
      for (const target of exportTo) {
        const index = target === namespace ? this.#privateByGateway : this.#exportedByGateway;
        append(index, namespacedName(target, gateway), virtualService);
      }
    }
  }

  /**
   * What a proxy of a namespace may use on a gateway (`mesh` for sidecars), in order of precedence:
   * its own private ones, those exported to it by name, the public ones.
   */
  forGateway(namespace: string, gateway: string): readonly VirtualService[] {
    const key = namespacedName(namespace, gateway);
    let candidates = this.#candidates.get(key);
    if (candidates === undefined) {
      const own = this.#privateByGateway.get(key) ?? NONE;
      const exported = this.#exportedByGateway.get(key) ?? NONE;
      const all = this.#publicByGateway.get(gateway) ?? NONE;
      const open = this.#hasGatewaySemantics ? ownRoutesFirst(all, namespace) : all;
      // Namespaces that see the same have the same list.
      const isOpenToAll = own.length === 0 && exported.length === 0;
      candidates = isOpenToAll ? open : [...own, ...exported, ...open];
      this.#candidates.set(key, candidates);
    }
    return candidates;
  }
}

const NONE: readonly VirtualService[] = [];

/** A namespace's own routes of the Gateway API come before those of others: the caller overrides. */
function ownRoutesFirst(
  virtualServices: readonly VirtualService[],
  namespace: string,
): readonly VirtualService[] {
  const isOwn = (it: VirtualService) => it.hasGatewaySemantics && it.namespace === namespace;
  if (!virtualServices.some(isOwn)) return virtualServices;
  return [...virtualServices.filter(isOwn), ...virtualServices.filter((it) => !isOwn(it))];
}
