import { parseOutboundClusterName } from '#istiod/model/names.ts';
import { findProxy, type InspectedMesh } from './proxy-inspection.ts';
import { inspectRoute, type RouteExplanation } from './route-inspection.ts';
import type { TableRequest, WantedDestination } from './route-table.ts';

/** What became of one request of a table. */
export interface TableOutcome {
  readonly request: TableRequest;
  readonly holds: boolean;
  /** Where it went, in words. */
  readonly went: string;
  /** The rules that took it, by `ruleKey`. */
  readonly rules: readonly string[];
}

/** Explains each request of a table and compares where it goes with where it is wanted. */
export function runRouteTable(
  mesh: InspectedMesh,
  requests: readonly TableRequest[],
  namespace: string | undefined,
): readonly TableOutcome[] {
  return requests.map((request) => {
    const found = findProxy(mesh.view, request.from, namespace);
    if ('problem' in found) return failed(request, found.problem);
    const inspected = inspectRoute(mesh, found.pod, request);
    if ('problem' in inspected) return failed(request, inspected.problem);
    const { explanation } = inspected;
    return {
      request,
      holds: isAsWanted(explanation, request) === request.wantsMatch,
      went: destinationText(explanation),
      rules: explanation.trials.filter(({ hasMatched }) => hasMatched).map(({ rule }) => rule),
    };
  });
}

function failed(request: TableRequest, went: string): TableOutcome {
  return { request, holds: false, went, rules: [] };
}

function isAsWanted(explanation: RouteExplanation, { wanted }: TableRequest): boolean {
  const { call, destinations } = explanation;
  const outcome = call.routing?.outcome;
  if (wanted.redirect !== undefined) {
    const { uri, authority } = wanted.redirect;
    return (
      outcome?.kind === 'redirect' &&
      outcome.location.includes(uri) &&
      outcome.location.includes(authority)
    );
  }
  if (wanted.status !== undefined) {
    const status = outcome?.kind === 'direct-response' ? outcome.response.status : undefined;
    return (status ?? (call.error === undefined ? undefined : 404)) === wanted.status;
  }
  if (wanted.route.length !== destinations.length || destinations.length === 0) return false;
  const weights = wanted.route.map(({ weight }) => weight ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return wanted.route.every((one, index) =>
    destinations.some(
      ({ cluster, share }) =>
        isDestination(one, cluster) &&
        (total === 0 || Math.abs((100 * weights[index]!) / total - share) < 0.01),
    ),
  );
}

/** A short name stands for any service of that name. */
function isDestination({ destination }: WantedDestination, cluster: string): boolean {
  const parts = parseOutboundClusterName(cluster);
  if (destination === undefined || parts === undefined) return false;
  const { host, subset, port } = destination;
  const isHost = parts.host === host || parts.host.startsWith(`${host}.`);
  return isHost && parts.subset === subset && (port === undefined || port.number === parts.port);
}

function destinationText({ call, destinations }: RouteExplanation): string {
  if (call.error !== undefined) return call.error;
  const outcome = call.routing?.outcome;
  if (outcome?.kind === 'redirect') return `redirect to ${outcome.location}`;
  if (outcome?.kind === 'direct-response') return `answer ${outcome.response.status}`;
  const texts = destinations.map(({ cluster, share }) =>
    share === 100 ? cluster : `${Math.round(share * 10) / 10}% ${cluster}`,
  );
  return texts.join(', ') || 'nowhere';
}
