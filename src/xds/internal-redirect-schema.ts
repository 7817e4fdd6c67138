import { namedTypedConfig, type TypeRegistry } from './core-schema.ts';
import { bool, list, message, text, uint32 } from './reader.ts';
import type { InternalRedirectPolicy } from './route.ts';

/**
 * Reads when a route follows its upstream's redirects.
 *
 * @source envoy: api/envoy/config/route/v3/route_components.proto, InternalRedirectPolicy
 */
export const internalRedirectPolicy = message<InternalRedirectPolicy>({
  maxInternalRedirects: uint32,
  redirectResponseCodes: list(uint32),
  predicates: list(namedTypedConfig(() => REDIRECT_PREDICATES)),
  allowCrossSchemeRedirect: bool,
  responseHeadersToCopy: list(text),
});

const REDIRECT_PREDICATES: TypeRegistry = new Map([
  [
    'envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig',
    message<{ readonly allowedRouteNames?: readonly string[] }>({ allowedRouteNames: list(text) }),
  ],
  [
    'envoy.extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig',
    message<Record<never, never>>({}),
  ],
  [
    'envoy.extensions.internal_redirect.safe_cross_scheme.v3.SafeCrossSchemeConfig',
    message<Record<never, never>>({}),
  ],
]);
