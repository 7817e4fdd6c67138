import type { ParentReference } from '#config/gateway-api/references.ts';
import type { Resource } from '#config/resource.ts';
import { isSequence, member, textMember, type YamlValue } from '#source/yaml-value.ts';
import type { AttachedConversion } from './attached-conversion.ts';
import type { ConfigError } from './config-error.ts';
import { GATEWAY_CONTROLLER } from './gateway-class.ts';
import type { ConfigValue } from './made-config.ts';
import { isMesh, type ParentError, type RouteParent, referenceText } from './route-parents.ts';
import { type ConditionReport, updatedConditions } from './status-conditions.ts';

/** What is told of one of a route's references. */
interface ParentReport {
  readonly reference: ParentReference;
  readonly error: ConfigError | undefined;
  readonly denied: ParentError | undefined;
  readonly attachedCount: number;
}

/**
 * The status that istiod writes into a route: of each parent that it knows. What other controllers have
 * written stays; what istiod wrote of parents that are no longer named goes.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conditions.go, createRouteStatus
 */
export function routeStatus(converted: AttachedConversion<Resource, unknown>): {
  readonly parents: readonly ConfigValue[];
} {
  const { route } = converted;
  const { namespace } = route.metadata;
  const pending = new Map(
    reportsOf(converted).map((report) => [referenceText(report.reference, namespace), report]),
  );
  const written = member(route.raw.get('status'), 'parents');
  const parents: ConfigValue[] = [];
  for (const existing of isSequence(written) ? written : []) {
    if (textMember(existing, 'controllerName') !== GATEWAY_CONTROLLER) {
      parents.push(asWritten(existing));
      continue;
    }
    const text = referenceText(referenceIn(existing), namespace);
    const report = pending.get(text);
    if (report !== undefined) parents.push(parentStatus(report, existing));
    pending.delete(text);
  }
  const added = [...pending].sort(([a], [b]) => (a > b ? -1 : a < b ? 1 : 0));
  return { parents: [...parents, ...added.map(([, report]) => parentStatus(report, undefined))] };
}

function parentStatus(report: ParentReport, existing: YamlValue | undefined): ConfigValue {
  const { reference, error, denied, attachedCount } = report;
  const message =
    attachedCount > 1 ? `Route was valid, bound to ${attachedCount} parents` : 'Route was valid';
  const conditions = new Map<string, ConditionReport>([
    ['Accepted', { reason: 'Accepted', message, error: denied }],
    ['ResolvedRefs', { reason: 'ResolvedRefs', message: 'All references resolved', error }],
  ]);
  return {
    conditions: updatedConditions(existing, conditions),
    controllerName: GATEWAY_CONTROLLER,
    parentRef: { ...reference },
  };
}

/** One for each reference: it may mean several listeners. */
function reportsOf({
  parents,
  mesh,
  gateway,
}: AttachedConversion<Resource, unknown>): readonly ParentReport[] {
  const byReference = new Map<ParentReference, RouteParent[]>();
  for (const parent of parents) {
    const known = byReference.get(parent.reference);
    if (known === undefined) byReference.set(parent.reference, [parent]);
    else known.push(parent);
  }
  return [...byReference].map(([reference, all]) => ({
    reference,
    error: all.some(isMesh) ? mesh.error : gateway.error,
    denied: mostTelling(all.map(({ denied }) => denied)),
    attachedCount: all.filter(({ denied }) => denied === undefined).length,
  }));
}

/** From what is told before all others. None at all is told first: one listener is enough. */
const RANKS = ['NotAllowedByListeners', 'NoMatchingListenerHostname', 'NoMatchingParent'] as const;

function mostTelling(all: readonly (ParentError | undefined)[]): ParentError | undefined {
  if (all.includes(undefined)) return undefined;
  const errors = all.flatMap((error) => error ?? []);
  const rank = Math.min(...errors.map(({ reason }) => RANKS.indexOf(reason)));
  const reason = RANKS[rank];
  const told = errors.filter((error) => error.reason === reason);
  if (reason === undefined) return undefined;
  return { reason, message: told.map(({ message }) => message).join('; ') };
}

function referenceIn(parent: YamlValue): ParentReference {
  const reference = member(parent, 'parentRef');
  const port = member(reference, 'port');
  return {
    group: textMember(reference, 'group'),
    kind: textMember(reference, 'kind'),
    namespace: textMember(reference, 'namespace'),
    name: textMember(reference, 'name') ?? '',
    sectionName: textMember(reference, 'sectionName'),
    port: typeof port === 'number' ? port : undefined,
  };
}

/** What another controller has written. */
function asWritten(parent: YamlValue): ConfigValue {
  return {
    conditions: updatedConditions(parent, new Map()),
    controllerName: textMember(parent, 'controllerName'),
    parentRef: { ...referenceIn(parent) },
  };
}
