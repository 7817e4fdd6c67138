import type { Destination } from '#config/istio/shared-shapes.ts';
import type { HttpRoute, VirtualServiceSpec } from '#config/istio/virtual-service.ts';
import type { VirtualService as VirtualServiceResource } from '#config/resource.ts';
import type { Path } from '#source/path.ts';
import { hasGatewaySemantics } from '../gateway-api/route-semantics.ts';
import type { Created } from './creation-order.ts';
import { type ExportTo, resolveExportTo } from './export-to.ts';
import type { HostName } from './host-name.ts';
import { resolveGatewayName, resolveShortName } from './names.ts';

/** Where an `http` route was written: a delegate's route stands in the delegate. */
export interface RouteSource {
  readonly resource: VirtualServiceResource;
  readonly path: Path;
}

/**
 * A VirtualService with every name resolved and its delegates merged in.
 *
 * @source istio: pilot/pkg/model/virtualservice_controller.go, MergedVirtualService
 */
export interface VirtualService extends Created {
  readonly resource: VirtualServiceResource;
  readonly hosts: readonly HostName[];
  /** Never empty: `mesh` where nothing is written. */
  readonly gateways: readonly string[];
  /** `.` resolved, the mesh's default filled in. */
  readonly exportTo: ExportTo;
  readonly spec: VirtualServiceSpec;
  /** Of `spec.http`, index by index. */
  readonly httpSources: readonly RouteSource[];
  /** It was derived from the Gateway API, whose rules differ here and there. */
  readonly hasGatewaySemantics: boolean;
}

/** What the resolution of names depends on beside the resource. */
export interface NameScope {
  readonly domain: string;
  readonly defaultExportTo: readonly string[];
}

/**
 * Completes the names of a VirtualService: hosts and destinations with the namespace that it is in,
 * gateways likewise.
 *
 * @source istio: pilot/pkg/model/virtualservice.go, ResolveVirtualServiceShortnames
 */
export function resolveVirtualService(
  resource: VirtualServiceResource,
  created: Created,
  scope: NameScope,
): VirtualService {
  const { namespace } = resource.metadata;
  const spec = new NameResolver(namespace, scope.domain).resolve(resource.spec);
  return {
    ...created,
    resource,
    hosts: spec.hosts,
    gateways: spec.gateways.length === 0 ? ['mesh'] : spec.gateways,
    exportTo: resolveExportTo(spec.exportTo, namespace, scope.defaultExportTo),
    spec,
    httpSources: spec.http.map((_, index) => ({ resource, path: ['spec', 'http', index] })),
    hasGatewaySemantics: hasGatewaySemantics(resource),
  };
}

/** Resolves the names of one resource's namespace. */
class NameResolver {
  readonly #namespace: string;
  readonly #domain: string;

  constructor(namespace: string, domain: string) {
    this.#namespace = namespace;
    this.#domain = domain;
  }

  resolve(spec: VirtualServiceSpec): VirtualServiceSpec {
    return {
      ...spec,
      hosts: spec.hosts.map((host) => this.#host(host)),
      gateways: spec.gateways.map((gateway) => resolveGatewayName(gateway, this.#namespace)),
      http: spec.http.map((route) => this.#http(route)),
      tcp: spec.tcp.map((route) => ({ ...route, ...this.#layer4(route) })),
      tls: spec.tls.map((route) => ({ ...route, ...this.#layer4(route) })),
    };
  }

  #http(route: HttpRoute): HttpRoute {
    return {
      ...route,
      match: this.#matches(route.match),
      route: this.#destinations(route.route),
      mirror: this.#destination(route.mirror),
      mirrors: this.#destinations(route.mirrors),
    };
  }

  #layer4<
    Match extends { readonly gateways: readonly string[] },
    To extends WithDestination,
  >(route: {
    readonly match: readonly Match[];
    readonly route: readonly To[];
  }): { match: Match[]; route: To[] } {
    return { match: this.#matches(route.match), route: this.#destinations(route.route) };
  }

  #matches<Match extends { readonly gateways: readonly string[] }>(
    matches: readonly Match[],
  ): Match[] {
    return matches.map((match) => ({
      ...match,
      gateways: match.gateways.map((gateway) => resolveGatewayName(gateway, this.#namespace)),
    }));
  }

  #destinations<To extends WithDestination>(entries: readonly To[]): To[] {
    return entries.map((entry) => ({
      ...entry,
      destination: this.#destination(entry.destination),
    }));
  }

  #destination(destination: Destination | undefined): Destination | undefined {
    return destination && { ...destination, host: this.#host(destination.host) };
  }

  #host(host: string): HostName {
    return resolveShortName(host, this.#namespace, this.#domain);
  }
}

interface WithDestination {
  readonly destination: Destination | undefined;
}
