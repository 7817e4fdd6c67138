import type { WorkloadEntry } from '#config/resource.ts';
import { isSequence, member, textMember } from '#source/yaml-value.ts';

const HEALTH_CHECKS_ANNOTATION = 'proxy.istio.io/health-checks-enabled';
const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

/**
 * Whether a WorkloadEntry may be used: one whose health is checked only once its status says that it
 * is healthy.
 *
 * @source istio: pilot/pkg/serviceregistry/serviceentry/conversion.go, isHealthy
 */
export function isHealthy({ metadata, raw }: WorkloadEntry): boolean {
  if (!TRUE.has(metadata.annotations.get(HEALTH_CHECKS_ANNOTATION) ?? '')) return true;
  const conditions = member(raw.get('status'), 'conditions');
  if (!isSequence(conditions)) return false;
  const condition = conditions.find((it) => textMember(it, 'type') === 'Healthy');
  return textMember(condition, 'status')?.toLowerCase() === 'true';
}
