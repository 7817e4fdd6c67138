import type { HttpRouteMatch, HttpRouteSpec } from '#config/gateway-api/http-route.ts';
import type { ParentReference } from '#config/gateway-api/references.ts';
import type { HttpRouteFilter } from '#config/gateway-api/route-filters.ts';
import type { KubernetesGateway, ResourceOf } from '#config/resource.ts';
import { GATEWAY_API_GROUP } from '#config/resource-kinds.ts';

/**
 * Routes as the API server stores them. What the conversion takes for granted by itself (the kind of a
 * backend, its weight, the type of a match) is left as it is written.
 *
 * @source gateway-api: config/crd, the defaults of HTTPRoute, GRPCRoute, TCPRoute, TLSRoute and Gateway
 */
export function withApiDefaults<
  Route extends ResourceOf<'HTTPRoute' | 'GRPCRoute' | 'TCPRoute' | 'TLSRoute'>,
>(route: Route): Route {
  return withSpec(route, {
    ...route.spec,
    parentRefs: route.spec.parentRefs.map((reference) => withKind(reference)),
  });
}

/** Its rules, too: one without matches matches every path, which puts it before expressions. */
export function withHttpDefaults(route: ResourceOf<'HTTPRoute'>): ResourceOf<'HTTPRoute'> {
  const { rules } = route.spec;
  const filled = rules.length === 0 ? [ANY_REQUEST] : rules.map((rule) => withRuleDefaults(rule));
  return withApiDefaults(withSpec(route, { ...route.spec, rules: filled }));
}

/** A certificate is a Secret unless it says otherwise. */
export function withGatewayDefaults(gateway: KubernetesGateway): KubernetesGateway {
  const listeners = gateway.spec.listeners.map((listener) => {
    const { tls } = listener;
    if (tls === undefined) return listener;
    const certificateRefs = tls.certificateRefs.map((ref) => ({
      ...ref,
      kind: ref.kind ?? 'Secret',
    }));
    return { ...listener, tls: { ...tls, certificateRefs } };
  });
  return withSpec(gateway, { ...gateway.spec, listeners });
}

function withSpec<
  Written extends ResourceOf<
    'HTTPRoute' | 'GRPCRoute' | 'TCPRoute' | 'TLSRoute' | 'KubernetesGateway'
  >,
>(route: Written, spec: Written['spec']): Written {
  // A resource may have its members from another one: they are not copied, but looked through.
  return Object.create(route, { spec: { value: spec, enumerable: true } });
}

function withKind(reference: ParentReference): ParentReference {
  const { group = GATEWAY_API_GROUP, kind = 'Gateway' } = reference;
  return { ...reference, group, kind };
}

type HttpRule = HttpRouteSpec['rules'][number];

const ANY_PATH = { type: 'PathPrefix', value: '/' } as const;

const ANY_MATCH: HttpRouteMatch = {
  path: ANY_PATH,
  headers: [],
  queryParams: [],
  method: undefined,
};

const ANY_REQUEST: HttpRule = {
  name: undefined,
  matches: [ANY_MATCH],
  filters: [],
  backendRefs: [],
  timeouts: undefined,
  retry: undefined,
  sessionPersistence: undefined,
};

const CORS_MAX_AGE_S = 5;
const REDIRECT_STATUS = 302;

function withRuleDefaults(rule: HttpRule): HttpRule {
  const matches = rule.matches.map((match) => ({
    ...match,
    path: { type: match.path?.type ?? ANY_PATH.type, value: match.path?.value ?? ANY_PATH.value },
  }));
  return {
    ...rule,
    matches: matches.length === 0 ? [ANY_MATCH] : matches,
    filters: rule.filters.map((filter) => withFilterDefaults(filter)),
    backendRefs: rule.backendRefs.map((backend) => ({
      ...backend,
      filters: backend.filters.map((filter) => withFilterDefaults(filter)),
    })),
  };
}

function withFilterDefaults(filter: HttpRouteFilter): HttpRouteFilter {
  const { cors, requestRedirect } = filter;
  return {
    ...filter,
    cors: cors && { ...cors, maxAge: cors.maxAge || CORS_MAX_AGE_S },
    requestRedirect: requestRedirect && {
      ...requestRedirect,
      statusCode: requestRedirect.statusCode ?? REDIRECT_STATUS,
    },
  };
}
