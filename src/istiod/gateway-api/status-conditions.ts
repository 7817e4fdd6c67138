import { isSequence, member, textMember, type YamlValue } from '#source/yaml-value.ts';
import type { ConfigValue } from './made-config.ts';

/** A condition of a status, without the time at which it changed. */
export interface StatusCondition {
  readonly [field: string]: ConfigValue;
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * What a condition says when all is well, and the error that it tells instead.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conditions.go, condition
 */
export interface ConditionReport {
  readonly reason: string;
  readonly message: string;
  /** Of a condition that is false when all is well. */
  readonly status?: 'False' | undefined;
  readonly error?: { readonly reason: string; readonly message: string } | undefined;
}

/**
 * The conditions of a status after istiod has written its own, sorted by type among the new ones; those
 * that were there keep their place.
 *
 * @source istio: pilot/pkg/config/kube/gatewaycommon/conversion.go, SetListenerConditions
 */
export function updatedConditions(
  existing: YamlValue | undefined,
  reports: ReadonlyMap<string, ConditionReport>,
): readonly StatusCondition[] {
  const conditions = conditionsIn(existing);
  for (const type of [...reports.keys()].sort()) {
    const made = conditionOf(type, reports.get(type)!);
    const index = conditions.findIndex((condition) => condition.type === type);
    if (index < 0) conditions.push(made);
    else conditions[index] = made;
  }
  return conditions;
}

function conditionOf(type: string, { reason, message, status, error }: ConditionReport) {
  if (error === undefined) return { type, status: status ?? 'True', reason, message };
  return { type, status: status === 'False' ? 'True' : 'False', ...error };
}

/** Those of a status as it is written in a file. */
function conditionsIn(status: YamlValue | undefined): StatusCondition[] {
  const conditions = member(status, 'conditions');
  if (!isSequence(conditions)) return [];
  return conditions.map((condition) => {
    const text = (key: string) => textMember(condition, key) ?? '';
    return {
      type: text('type'),
      status: text('status'),
      reason: text('reason'),
      message: text('message'),
    };
  });
}
