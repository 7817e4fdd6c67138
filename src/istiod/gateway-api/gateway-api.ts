import type { ResourceOf } from '#config/resource.ts';
import type { KindName } from '#config/resource-kinds.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import { serviceHostName } from '../model/names.ts';
import { withApiDefaults, withGatewayDefaults, withHttpDefaults } from './api-defaults.ts';
import type { AttachedConversion } from './attached-conversion.ts';
import type { RouteIdentity } from './backends.ts';
import type { DerivedHttpRoute, DerivedRoute } from './derived-route.ts';
import { type ConvertedRules, convertedGrpcRules, convertedHttpRules } from './http-rules.ts';
import { httpVirtualServices } from './http-virtual-services.ts';
import { convertedLayer4Rules } from './layer4-rules.ts';
import { tcpVirtualServices, tlsVirtualServices } from './layer4-virtual-services.ts';
import { type ConvertedGateway, type ConvertedListener, convertedGateway } from './listeners.ts';
import type { DerivedConfig } from './made-config.ts';
import {
  GRPC_ROUTE,
  HTTP_ROUTE,
  type ObjectKind,
  SERVICE,
  TCP_ROUTE,
  TLS_ROUTE,
} from './object-kind.ts';
import {
  attachedParents,
  isMesh,
  type ParentInfo,
  type ParentKey,
  routeParents,
} from './route-parents.ts';
import { Surroundings, type SurroundingsOptions } from './surroundings.ts';

/** The kinds that what is derived depends on. */
export const GATEWAY_API_INPUTS = [
  'GatewayClass',
  'KubernetesGateway',
  'HTTPRoute',
  'GRPCRoute',
  'TCPRoute',
  'TLSRoute',
  'ReferenceGrant',
  'Service',
  'ServiceEntry',
  'Namespace',
  'Secret',
  'ConfigMap',
] as const satisfies readonly KindName[];

/** Without any of these nothing is derived. */
export const GATEWAY_API_ROUTE_KINDS = [
  'KubernetesGateway',
  'HTTPRoute',
  'GRPCRoute',
  'TCPRoute',
  'TLSRoute',
] as const satisfies readonly KindName[];

export interface GatewayApiOptions extends SurroundingsOptions {
  readonly domain: string;
  /** Whether objects are taken as written, without what the API server fills in. */
  readonly asWritten?: boolean;
}

/** What istiod makes of the Gateway API's objects, before it writes configuration and statuses. */
export interface GatewayApiConversion {
  readonly gateways: readonly ConvertedGateway[];
  readonly http: readonly AttachedConversion<ResourceOf<'HTTPRoute'>, DerivedHttpRoute>[];
  readonly grpc: readonly AttachedConversion<ResourceOf<'GRPCRoute'>, DerivedHttpRoute>[];
  readonly tcp: readonly AttachedConversion<ResourceOf<'TCPRoute'>, DerivedRoute>[];
  readonly tls: readonly AttachedConversion<ResourceOf<'TLSRoute'>, DerivedRoute>[];
}

/** @source istio: pilot/pkg/config/kube/gateway/controller.go, NewController */
export function convertedGatewayApi(
  store: ResourceStore,
  options: GatewayApiOptions,
): GatewayApiConversion {
  const around = new Surroundings(store, options.domain, options);
  const gateways = store.of('KubernetesGateway').flatMap((gateway) => {
    const converted = convertedGateway(
      options.asWritten ? gateway : withGatewayDefaults(gateway),
      around,
    );
    return converted === undefined ? [] : [converted];
  });
  const attach = new Attachments(servedListeners(gateways), around);
  type Route = ResourceOf<'GRPCRoute' | 'TCPRoute' | 'TLSRoute'>;
  const stored = <R extends Route>(route: R) =>
    options.asWritten ? route : withApiDefaults(route);
  return {
    gateways,
    http: store
      .of('HTTPRoute')
      .map((route) => attach.http(options.asWritten ? route : withHttpDefaults(route))),
    grpc: store.of('GRPCRoute').map((route) => attach.grpc(stored(route))),
    tcp: store.of('TCPRoute').map((route) => attach.tcp(stored(route))),
    tls: store.of('TLSRoute').map((route) => attach.tls(stored(route))),
  };
}

/**
 * The Gateways and VirtualServices that istiod derives from a cluster's objects of the Gateway API,
 * for gateways and for the mesh.
 *
 * @source istio: the same file
 */
export function derivedConfigs(
  store: ResourceStore,
  options: GatewayApiOptions,
): readonly DerivedConfig[] {
  const { gateways, http, grpc, tcp, tls } = convertedGatewayApi(store, options);
  return [
    ...servedListeners(gateways)
      .filter(({ isValid }) => isValid)
      .map(({ config }) => config),
    ...tcp.flatMap((route) => tcpVirtualServices(route)),
    ...tls.flatMap((route) => tlsVirtualServices(route)),
    ...httpVirtualServices([...http, ...grpc]),
  ];
}

function servedListeners(gateways: readonly ConvertedGateway[]): readonly ConvertedListener[] {
  return gateways.flatMap(({ listeners }) =>
    listeners.flatMap(({ converted }) => (converted === undefined ? [] : [converted])),
  );
}

/** Resolves the parents of routes, and converts their rules for those that they have. */
class Attachments {
  readonly #around: Surroundings;
  readonly #listeners = new Map<string, ParentInfo[]>();

  constructor(listeners: readonly ConvertedListener[], around: Surroundings) {
    this.#around = around;
    for (const { parent } of listeners) {
      const key = keyText(parent.key);
      const known = this.#listeners.get(key);
      if (known === undefined) this.#listeners.set(key, [parent]);
      else known.push(parent);
    }
  }

  http(route: ResourceOf<'HTTPRoute'>): AttachedConversion<typeof route, DerivedHttpRoute> {
    return this.#converted(route, HTTP_ROUTE, route.spec.hostnames, (identity) =>
      convertedHttpRules(route, identity, this.#around),
    );
  }

  grpc(route: ResourceOf<'GRPCRoute'>): AttachedConversion<typeof route, DerivedHttpRoute> {
    return this.#converted(route, GRPC_ROUTE, route.spec.hostnames, (identity) =>
      convertedGrpcRules(route, identity, this.#around),
    );
  }

  tcp(route: ResourceOf<'TCPRoute'>): AttachedConversion<typeof route, DerivedRoute> {
    return this.#converted(route, TCP_ROUTE, [], (identity) =>
      convertedLayer4Rules(route, identity, this.#around),
    );
  }

  tls(route: ResourceOf<'TLSRoute'>): AttachedConversion<typeof route, DerivedRoute> {
    return this.#converted(route, TLS_ROUTE, route.spec.hostnames, (identity) =>
      convertedLayer4Rules(route, identity, this.#around),
    );
  }

  /** @source istio: pilot/pkg/config/kube/gateway/route_collections.go, computeRoute */
  #converted<
    Route extends ResourceOf<'HTTPRoute' | 'GRPCRoute' | 'TCPRoute' | 'TLSRoute'>,
    Derived,
  >(
    route: Route,
    kind: ObjectKind,
    hostnames: readonly string[],
    convert: (identity: RouteIdentity) => ConvertedRules<Derived>,
  ): AttachedConversion<Route, Derived> {
    const { namespace } = route.metadata;
    const { parentRefs } = route.spec;
    const parents = routeParents(
      { kind, namespace, parentRefs, hostnames },
      {
        listeners: (key) => this.#listeners.get(keyText(key)) ?? [],
        exists: (key) => this.#exists(key),
      },
    );
    const nothing: ConvertedRules<Derived> = { routes: [], error: undefined };
    const hasMesh = parents.some(isMesh);
    const hasGateway = parents.some((parent) => !isMesh(parent));
    return {
      route,
      parents,
      attached: attachedParents(parents),
      mesh: hasMesh ? convert({ kind, namespace, needsGrants: false }) : nothing,
      gateway: hasGateway ? convert({ kind, namespace, needsGrants: true }) : nothing,
      meshHosts: (key) => this.#hostsOf(key),
    };
  }

  #exists({ kind, namespace, name }: ParentKey): boolean {
    if (kind === SERVICE) return this.#around.hasService(namespace, name);
    return this.#around.store.find('ServiceEntry', namespace, name) !== undefined;
  }

  #hostsOf({ kind, namespace, name }: ParentKey): readonly string[] {
    if (kind === SERVICE) return [serviceHostName(name, namespace, this.#around.domain)];
    return this.#around.store.find('ServiceEntry', namespace, name)?.spec.hosts ?? [];
  }
}

function keyText({ kind, namespace, name }: ParentKey): string {
  return `${kind}/${namespace}/${name}`;
}
