/**
 * A HorizontalPodAutoscaler at work: every 15 s it reads its metrics from the ready pods, takes the largest
 * number of pods that one of them asks for, waits for its stabilization windows, and goes as far as its policies let it.
 *
 * @source kubernetes: pkg/controller/podautoscaler/horizontal.go
 */
import type { AutoscalerSpec } from '#config/kubernetes/autoscaler.ts';
import type { PodRuntime } from '../pod-runtime.ts';
import { desiredReplicas, type MetricReading } from './desired-replicas.ts';
import { PodUsage } from './pod-usage.ts';
import { quantityOf } from './quantity.ts';
import {
  replicaLimit,
  type ScaleEvent,
  type ScalingRules,
  scaleDownRules,
  scaleUpRules,
} from './scaling-rules.ts';

/** What an autoscaler sees of its workload. */
export interface ScaledWorkload {
  readonly readyPods: readonly PodRuntime[];
  /** Pods that are wanted now, ready or not. */
  readonly wanted: number;
}

/** A metric that can be simulated, and where it is to stay. */
interface Metric {
  readonly kind: 'cpuShare' | 'cpuCores' | 'requests';
  readonly target: number;
}

interface Recommendation {
  readonly atNs: number;
  readonly replicas: number;
}

/** The CPU utilisation that v1, or an autoscaler without metrics, aims at. */
const DEFAULT_CPU_PERCENT = 80;

export class HorizontalAutoscaler {
  readonly #spec: AutoscalerSpec;
  readonly #metrics: readonly Metric[];
  readonly #up: ScalingRules;
  readonly #down: ScalingRules;
  readonly #usage = new PodUsage();
  #recommendations: Recommendation[] = [];
  #events: ScaleEvent[] = [];

  constructor(spec: AutoscalerSpec) {
    this.#spec = spec;
    this.#metrics = metricsOf(spec);
    this.#up = scaleUpRules(spec);
    this.#down = scaleDownRules(spec);
  }

  /** The number of pods from now on. */
  sync({ readyPods, wanted }: ScaledWorkload, nowNs: number): number {
    const usages = this.#usage.read(readyPods, nowNs);
    const asked = this.#metrics.map(({ kind, target }) => {
      const values = usages.map((usage) => usage[kind]).filter((value) => value !== undefined);
      return desiredReplicas({ values, target } satisfies MetricReading, wanted);
    });
    const desired = this.#limited(asked.length === 0 ? wanted : Math.max(...asked), wanted, nowNs);
    if (desired !== wanted) this.#events.push({ atNs: nowNs, change: desired - wanted });
    return desired;
  }

  #limited(asked: number, current: number, nowNs: number): number {
    const { minReplicas = 1, maxReplicas } = this.#spec;
    if (current > maxReplicas) return maxReplicas;
    if (current < minReplicas) return minReplicas;
    const stable = this.#stabilized(asked, current, nowNs);
    const events = this.#events;
    if (stable > current)
      return Math.min(stable, maxReplicas, replicaLimit(this.#up, 'up', current, events, nowNs));
    if (stable < current)
      return Math.max(
        stable,
        minReplicas,
        replicaLimit(this.#down, 'down', current, events, nowNs),
      );
    return current;
  }

  /** Up to the least, down to the most that was asked for within the windows. */
  #stabilized(asked: number, current: number, nowNs: number): number {
    this.#recommendations.push({ atNs: nowNs, replicas: asked });
    const longestNs = Math.max(this.#up.windowNs, this.#down.windowNs);
    this.#recommendations = this.#recommendations.filter(({ atNs }) => atNs >= nowNs - longestNs);
    const within = (windowNs: number) =>
      this.#recommendations
        .filter(({ atNs }) => atNs >= nowNs - windowNs)
        .map(({ replicas }) => replicas);
    const atMost = Math.min(...within(this.#up.windowNs));
    const atLeast = Math.max(...within(this.#down.windowNs));
    if (current < atMost) return atMost;
    return current > atLeast ? atLeast : current;
  }
}

/** Those that can be told from what is simulated; see `unknownMetrics` for the others. */
function metricsOf(spec: AutoscalerSpec): readonly Metric[] {
  const percent = spec.targetCPUUtilizationPercentage;
  if (spec.metrics.length === 0)
    return [{ kind: 'cpuShare', target: (percent ?? DEFAULT_CPU_PERCENT) / 100 }];
  return spec.metrics.flatMap((metric): readonly Metric[] => {
    const resource =
      metric.type === 'ContainerResource' ? metric.containerResource : metric.resource;
    if (metric.type !== 'Pods') return resource?.name === 'cpu' ? cpuMetric(resource.target) : [];
    const target = quantityOf(metric.pods?.target?.averageValue);
    const isRequests = /req|rps|http|grpc/i.test(metric.pods?.metric?.name ?? '');
    return target !== undefined && isRequests ? [{ kind: 'requests', target }] : [];
  });
}

type Target = NonNullable<AutoscalerSpec['metrics'][number]['resource']>['target'];

function cpuMetric(target: Target): readonly Metric[] {
  const percent = target?.averageUtilization;
  if (percent !== undefined) return [{ kind: 'cpuShare', target: percent / 100 }];
  const cores = quantityOf(target?.averageValue);
  return cores === undefined ? [] : [{ kind: 'cpuCores', target: cores }];
}

/** The metrics of an autoscaler that are not simulated. */
export function unknownMetrics(spec: AutoscalerSpec): readonly string[] {
  return spec.metrics
    .filter((metric) => metricsOf({ ...spec, metrics: [metric] }).length === 0)
    .map((metric) => metric.pods?.metric?.name || metric.resource?.name || metric.type);
}
