import type { Probe } from '#config/kubernetes/pod.ts';
import type { Pod } from '#config/resource.ts';
import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import { type PodFacts, podKey } from './cluster/pod-facts.ts';

/** Hears that pods are ready, or not any more. */
export interface ReadinessSteps {
  endpointsChanged(change: string, nowNs: number): void;
}

/**
 * Running pods whose readiness the scenario has changed. The kubelet notices by their readiness probe: after
 * `failureThreshold` failed ones, or `successThreshold` good ones, a period apart; without a probe of their own
 * after the readiness delay. They go on serving what reaches them.
 *
 * @source kubernetes: pkg/kubelet/prober/worker.go, doProbe
 */
export class Readiness {
  /** Pods, by key, that are not ready though they run. */
  readonly unready = new Set<string>();
  readonly #wanted = new Map<string, boolean>();
  readonly #steps: ReadinessSteps;
  readonly #dispatcher: Dispatcher;
  readonly #withoutProbeNs: number;

  constructor(steps: ReadinessSteps, dispatcher: Dispatcher, withoutProbeNs: number) {
    this.#steps = steps;
    this.#dispatcher = dispatcher;
    this.#withoutProbeNs = withoutProbeNs;
  }

  /** The application of these pods says from now on that it is ready, or that it is not. */
  set(pods: readonly PodFacts[], isReady: boolean): void {
    for (const pod of pods) {
      const key = podKey(pod);
      this.#wanted.set(key, isReady);
      const delayNs = noticedNs(pod.resource, isReady) ?? this.#withoutProbeNs;
      this.#dispatcher.schedule(delayNs, new ReadinessChange(this, key, isReady), 0);
    }
  }

  /** The kubelet has noticed, unless the application has changed its mind. */
  noticed(key: string, isReady: boolean, nowNs: number): void {
    if (this.#wanted.get(key) !== isReady || this.unready.has(key) === !isReady) return;
    if (isReady) this.unready.delete(key);
    else this.unready.add(key);
    this.#steps.endpointsChanged(`${key} ${isReady ? 'ready' : 'not ready'}`, nowNs);
  }
}

class ReadinessChange implements EventTarget {
  readonly #readiness: Readiness;
  readonly #key: string;
  readonly #isReady: boolean;

  constructor(readiness: Readiness, key: string, isReady: boolean) {
    this.#readiness = readiness;
    this.#key = key;
    this.#isReady = isReady;
  }

  onEvent(_event: number, nowNs: number): void {
    this.#readiness.noticed(this.#key, this.#isReady, nowNs);
  }
}

const SECOND_NS = 1e9;
const DEFAULT_PERIOD_S = 10;
const DEFAULT_FAILURES = 3;

/** How long the first container that changes takes to be noticed; undefined = nobody probes. */
function noticedNs({ spec }: Pod, isReady: boolean): number | undefined {
  const probes = spec.containers.flatMap(({ name, readinessProbe }) =>
    name === 'istio-proxy' || readinessProbe === undefined ? [] : [readinessProbe],
  );
  if (probes.length === 0) return undefined;
  const delays = probes.map((probe) => probeNs(probe, isReady));
  return isReady ? Math.max(...delays) : Math.min(...delays);
}

function probeNs(probe: Probe, isReady: boolean): number {
  const { periodSeconds, failureThreshold, successThreshold } = probe;
  const count = isReady ? successThreshold || 1 : failureThreshold || DEFAULT_FAILURES;
  return count * (periodSeconds || DEFAULT_PERIOD_S) * SECOND_NS;
}
