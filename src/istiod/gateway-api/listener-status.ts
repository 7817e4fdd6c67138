import { isSequence, member, type YamlValue } from '#source/yaml-value.ts';
import { type ListenerReport, routeKinds } from './listeners.ts';
import type { ConfigValue } from './made-config.ts';
import { kindName, type ObjectKind } from './object-kind.ts';
import { type ConditionReport, updatedConditions } from './status-conditions.ts';

/**
 * What istiod writes of each listener of a gateway.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, buildListener
 */
export function listenerStatuses(
  reports: readonly ListenerReport[],
  attachedRoutes: ReadonlyMap<string, number>,
  existing: YamlValue | undefined,
): readonly ConfigValue[] {
  const known = member(existing, 'listeners');
  return reports.map((report, index) => {
    const { listener } = report;
    const { kinds, areAllThere } = routeKinds(listener);
    const conditions =
      report.conflict === undefined ? ownConditions(report) : conflictConditions(report.conflict);
    if (!areAllThere) conditions.set('ResolvedRefs', INVALID_KINDS);
    return {
      name: listener.name,
      attachedRoutes: attachedRoutes.get(listener.name) ?? 0,
      supportedKinds: kinds.map(groupAndKind),
      conditions: updatedConditions(isSequence(known) ? known[index] : undefined, conditions),
    };
  });
}

const FINE = 'No errors found';
const INVALID_KINDS: ConditionReport = {
  reason: 'InvalidRouteKinds',
  message: 'Invalid route kinds',
  status: 'False',
};

/** Errors with these say that no certificate of the callers' authority is there. */
const AUTHORITY_ERRORS = new Set([
  'InvalidCACertificateRef',
  'InvalidCACertificateKind',
  'RefNotPermitted',
]);

function ownConditions({ tlsError, protocolError }: ListenerReport): Map<string, ConditionReport> {
  const isAuthority = tlsError !== undefined && AUTHORITY_ERRORS.has(tlsError.reason);
  const accepted =
    protocolError !== undefined
      ? { reason: 'UnsupportedProtocol', message: protocolError }
      : isAuthority
        ? { reason: 'NoValidCACertificate', message: tlsError.message }
        : undefined;
  const programmed =
    tlsError === undefined ? undefined : { reason: 'Invalid', message: 'Bad TLS configuration' };
  return new Map<string, ConditionReport>([
    ['Accepted', { reason: 'Accepted', message: FINE, error: accepted }],
    ['Programmed', { reason: 'Programmed', message: FINE, error: programmed }],
    ['Conflicted', { reason: 'NoConflicts', message: FINE, status: 'False' }],
    ['ResolvedRefs', { reason: 'ResolvedRefs', message: FINE, error: tlsError }],
  ]);
}

/** @source istio: pilot/pkg/config/kube/gatewaycommon/conversion.go, ReportListenerConflict */
function conflictConditions(reason: string): Map<string, ConditionReport> {
  const message = 'Listener has a conflict with another listener attached to the same Gateway';
  const conflict = { reason, message };
  return new Map<string, ConditionReport>([
    ['Accepted', { ...conflict, error: conflict }],
    ['Programmed', { ...conflict, error: conflict }],
    ['Conflicted', conflict],
  ]);
}

function groupAndKind(kind: ObjectKind): ConfigValue {
  return { group: kind.slice(0, kind.indexOf('/')), kind: kindName(kind) };
}
