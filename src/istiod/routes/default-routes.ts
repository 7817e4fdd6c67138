import type { ConsistentHash } from '#config/istio/destination-rule.ts';
import type { HttpRetry } from '#config/istio/virtual-service.ts';
import type { OriginNotes } from '../clusters/cluster-origins.ts';
import type { IstioBehaviours } from '../model/istio-version.ts';
import { outboundClusterName } from '../model/names.ts';
import type { Service } from '../model/service.ts';
import { defaultOutboundRoute } from './default-route.ts';
import { carriesHttp, type GuardedRoutes } from './guarded-group.ts';
import { buildHashPolicy } from './hash-policy.ts';
import { serviceOrigin } from './route-origins.ts';

/** What default routes are made from beside their service. */
interface DefaultRouteSettings {
  readonly view: { readonly notes: OriginNotes };
  readonly meshRetries: HttpRetry | undefined;
  readonly behaviours: IstioBehaviours;
  hashOfService(service: Service, port: number): ConsistentHash | undefined;
}

/** What services get that no VirtualService speaks of: made once for all who see the same rule. */
export class DefaultRoutes {
  readonly #known = new WeakMap<Service, Defaults[]>();

  /** @source istio: pilot/pkg/networking/core/route/route.go, buildSidecarVirtualHostForService */
  of(service: Service, routing: DefaultRouteSettings): readonly GuardedRoutes[] {
    const ports = service.ports.filter(carriesHttp);
    const hashes = ports.map(({ port }) => routing.hashOfService(service, port));
    const known = this.#known.get(service) ?? [];
    const same = known.find((it) => it.hashes.every((hash, index) => hash === hashes[index]));
    if (same !== undefined) return same.guarded;
    const guarded = ports.map(({ port }, index) =>
      guardedByDefault(service, port, hashes[index], routing),
    );
    this.#known.set(service, [...known, { hashes, guarded }]);
    return guarded;
  }
}

interface Defaults {
  readonly hashes: readonly (ConsistentHash | undefined)[];
  readonly guarded: readonly GuardedRoutes[];
}

function guardedByDefault(
  service: Service,
  port: number,
  hash: ConsistentHash | undefined,
  { view, meshRetries, behaviours }: DefaultRouteSettings,
): GuardedRoutes {
  const route = defaultOutboundRoute({
    cluster: outboundClusterName(port, '', service.hostname),
    host: service.hostname,
    port,
    hashPolicy: buildHashPolicy(hash),
    meshRetries,
    defaultStatusCodes: behaviours.defaultRetriableStatusCodes,
  });
  view.notes.origins.set(route, serviceOrigin(service));
  return {
    port,
    services: [service],
    otherHosts: [],
    routes: [route],
    virtualService: undefined,
  };
}
