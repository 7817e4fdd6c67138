import type { HttpRouteSpec } from '#config/gateway-api/http-route.ts';
import type { ResourceOf } from '#config/resource.ts';

type HttpRoute = ResourceOf<'HTTPRoute'>;

const ANY_PATH = {
  path: { type: 'PathPrefix', value: '/' },
  headers: [],
  queryParams: [],
  method: undefined,
} as const;

const ANY_REQUEST: HttpRouteSpec['rules'][number] = {
  name: undefined,
  matches: [ANY_PATH],
  filters: [],
  backendRefs: [],
  timeouts: undefined,
  retry: undefined,
  sessionPersistence: undefined,
};

/**
 * An HTTPRoute as the API server stores it: a rule without matches matches every path, which puts it
 * before expressions.
 *
 * @source gateway-api: config/crd, the defaults of HTTPRoute's `rules` and `matches`
 */
export function withApiDefaults(route: HttpRoute): HttpRoute {
  const { rules } = route.spec;
  if (rules.length > 0 && rules.every(({ matches }) => matches.length > 0)) return route;
  const filled =
    rules.length === 0
      ? [ANY_REQUEST]
      : rules.map((rule) => (rule.matches.length > 0 ? rule : { ...rule, matches: [ANY_PATH] }));
  return { ...route, spec: { ...route.spec, rules: filled } };
}
