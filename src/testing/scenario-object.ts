/**
 * A scenario written in TypeScript: the keys of a scenario file (`schema/scenario.schema.json`), with the
 * same values. The file's reader checks them; these types are for completion.
 */
export interface ScenarioObject {
  readonly title?: string;
  readonly description?: string;
  readonly seed?: number;
  /** `60s`, `5m`. */
  readonly duration?: string;
  readonly warmup?: string;
  /** Paths (files, directories, globs), or Kubernetes objects. */
  readonly mesh?: string | KubernetesObject | readonly (string | KubernetesObject)[];
  readonly workloads?: { readonly [name: string]: WorkloadObject };
  readonly clients?: { readonly [name: string]: ClientObject };
  readonly external?: { readonly [host: string]: WorkloadObject };
  readonly timeline?: readonly StepObject[];
  readonly expect?: readonly ExpectationObject[];
  readonly proxy?: ScenarioValue;
  readonly network?: ScenarioValue;
  readonly push?: ScenarioValue;
  readonly injection?: 'all' | 'labels';
  readonly allowUnknown?: boolean;
  readonly readinessDelay?: string;
  readonly istioVersion?: string;
  readonly meshConfig?: ScenarioValue;
  readonly epoch?: string;
  readonly params?: { readonly [name: string]: ScenarioValue };
  /** A scenario file that this one overrides key by key. */
  readonly extends?: string;
}

/** Whatever JSON can hold. */
export type ScenarioValue =
  | string
  | number
  | boolean
  | null
  | readonly ScenarioValue[]
  | { readonly [key: string]: ScenarioValue | undefined };

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [key: string]: ScenarioValue | undefined };
  readonly [key: string]: ScenarioValue | undefined;
}

/** How the instances of a workload, or a host outside, behave. */
export interface WorkloadObject {
  readonly latency?: ScenarioValue;
  readonly concurrency?: number;
  readonly queue?: number;
  readonly overload?: number;
  readonly errors?: { readonly [outcome: string]: string | number };
  readonly calls?: readonly ScenarioValue[];
  readonly forward?: readonly string[];
  readonly [key: string]: ScenarioValue | undefined;
}

/** Who sends what, from where, how much. */
export interface ClientObject {
  readonly from?: string;
  readonly through?: string;
  readonly request?: string;
  readonly requests?: readonly ScenarioValue[];
  readonly headers?: ScenarioValue;
  readonly timeout?: string;
  readonly load: ScenarioValue;
  readonly [key: string]: ScenarioValue | undefined;
}

export interface StepObject {
  /** `30s`. */
  readonly at: string;
  readonly [key: string]: ScenarioValue | undefined;
}

export interface ExpectationObject {
  /** `p99(latency{client="shop"})` */
  readonly that: string;
  /** `< 250ms` */
  readonly is: string;
  readonly name?: string;
  /** `0s..30s` */
  readonly during?: string;
  readonly abort?: boolean;
  readonly or_empty?: boolean;
}
