import type { AutoscalerSpec } from '#config/kubernetes/autoscaler.ts';

/** How fast pods may come or go. */
export interface ScalingRules {
  readonly windowNs: number;
  readonly policies: readonly ScalingPolicy[];
  readonly select: 'Max' | 'Min' | 'Disabled';
}

export interface ScalingPolicy {
  readonly isPercent: boolean;
  readonly value: number;
  readonly periodNs: number;
}

const SECOND_NS = 1e9;
const FIFTEEN_SECONDS_NS = 15 * SECOND_NS;

/** @source kubernetes: pkg/apis/autoscaling/v2/defaults.go, GenerateHPAScaleUpRules */
const DEFAULT_UP: ScalingRules = {
  windowNs: 0,
  policies: [
    { isPercent: false, value: 4, periodNs: FIFTEEN_SECONDS_NS },
    { isPercent: true, value: 100, periodNs: FIFTEEN_SECONDS_NS },
  ],
  select: 'Max',
};

const DEFAULT_DOWN: ScalingRules = {
  windowNs: 300 * SECOND_NS,
  policies: [{ isPercent: true, value: 100, periodNs: FIFTEEN_SECONDS_NS }],
  select: 'Max',
};

export function scaleUpRules({ behavior }: AutoscalerSpec): ScalingRules {
  return rulesOf(behavior?.scaleUp, DEFAULT_UP);
}

export function scaleDownRules({ behavior }: AutoscalerSpec): ScalingRules {
  return rulesOf(behavior?.scaleDown, DEFAULT_DOWN);
}

type WrittenRules = NonNullable<AutoscalerSpec['behavior']>['scaleUp'];

function rulesOf(written: WrittenRules, fallback: ScalingRules): ScalingRules {
  if (written === undefined) return fallback;
  const { stabilizationWindowSeconds: seconds, selectPolicy: select, policies } = written;
  return {
    windowNs: seconds === undefined ? fallback.windowNs : seconds * SECOND_NS,
    select: select === 'Min' || select === 'Disabled' ? select : 'Max',
    policies:
      policies.length === 0
        ? fallback.policies
        : policies.map(({ type, value, periodSeconds }) => ({
            isPercent: type === 'Percent',
            value,
            periodNs: periodSeconds * SECOND_NS,
          })),
  };
}

/** What happened to a workload's size: `change` pods more or fewer at a moment. */
export interface ScaleEvent {
  readonly atNs: number;
  readonly change: number;
}

/**
 * The most (or, going down, the fewest) pods that rules allow now.
 *
 * @source kubernetes: pkg/controller/podautoscaler/horizontal.go, calculateScaleUpLimitWithScalingRules,
 *   calculateScaleDownLimitWithBehaviors
 */
export function replicaLimit(
  rules: ScalingRules,
  direction: 'up' | 'down',
  current: number,
  events: readonly ScaleEvent[],
  nowNs: number,
): number {
  if (rules.select === 'Disabled') return current;
  const limits = rules.policies.map(({ isPercent, value, periodNs }) => {
    const changes = events.filter(({ atNs }) => atNs > nowNs - periodNs);
    const start = current - changes.reduce((sum, { change }) => sum + change, 0);
    if (direction === 'up') return isPercent ? Math.ceil(start * (1 + value / 100)) : start + value;
    return isPercent ? Math.floor(start * (1 - value / 100)) : start - value;
  });
  const isHighest = (rules.select === 'Max') === (direction === 'up');
  return isHighest ? Math.max(...limits) : Math.min(...limits);
}
