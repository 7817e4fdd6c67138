import type { Pod } from '#config/resource.ts';
import type { PodShutdown } from './pod-shutdown.ts';
import type { TrafficCapture } from './traffic-capture.ts';

export type Labels = ReadonlyMap<string, string>;

/** One pod of the cluster, given or made from its workload. */
export interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  /** The Deployment, StatefulSet… it belongs to; its own name when it belongs to none. */
  readonly workload: string;
  /** As the injector leaves them. */
  readonly labels: Labels;
  readonly ip: string;
  readonly node: string;
  /** `region/zone/subzone`; '' = unknown. */
  readonly locality: string;
  /** None, a sidecar, or a gateway (the proxy is the application). */
  readonly proxy: 'none' | 'sidecar' | 'gateway';
  readonly isReady: boolean;
  readonly serviceAccount: string;
  /** By name; several containers' together. */
  readonly ports: ReadonlyMap<string, number>;
  /** Worker threads, where the manifest says; undefined = the default. */
  readonly workerCount: number | undefined;
  readonly shutdown: PodShutdown;
  readonly capture: TrafficCapture;
  /** The object as istiod sees it. */
  readonly resource: Pod;
}

/** A workload: the pods with the same owner. */
export interface WorkloadFacts {
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
  readonly pods: readonly PodFacts[];
}

/** `namespace/name`. */
export function podKey(pod: { readonly namespace: string; readonly name: string }): string {
  return `${pod.namespace}/${pod.name}`;
}

/** `namespace/workload`. */
export function workloadKey(pod: {
  readonly namespace: string;
  readonly workload: string;
}): string {
  return `${pod.namespace}/${pod.workload}`;
}
