import type { HttpRequest } from '../network.ts';
import type { RouteEntry } from './compiled-route.ts';
import { directResponseLocation, redirectedRequest, redirectLocation } from './redirect.ts';
import { directResponse, type Outcome, ROUTE_NOT_FOUND } from './response-outcome.ts';

/**
 * The answer of a route that sends nothing on: a redirect, a direct response, or that there is none.
 *
 * @source envoy: source/common/router/router.cc, Filter::decodeHeaders
 */
export function directReply(entry: RouteEntry, request: HttpRequest): Outcome {
  const { action, conditions } = entry.route;
  switch (action.kind) {
    case 'redirect': {
      const location = redirectLocation(action.redirect, conditions.path, request);
      const outcome = directResponse(action.redirect.status, '');
      return { ...outcome, headers: [['location', location]] };
    }
    case 'direct-response': {
      const location = directResponseLocation(action.status, request);
      const outcome = directResponse(action.status, action.body);
      return location === undefined ? outcome : { ...outcome, headers: [['location', location]] };
    }
    default:
      return ROUTE_NOT_FOUND;
  }
}

/** The request as logs and header additions see it beside such an answer. */
export function requestOfReply({ route }: RouteEntry, request: HttpRequest): HttpRequest {
  const { action, conditions } = route;
  if (action.kind !== 'redirect') return request;
  return redirectedRequest(action.redirect, conditions.path, request);
}
