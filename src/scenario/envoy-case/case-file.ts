/**
 * An Envoy-level case as its file says it: Envoy's own configuration (snake_case as in Envoy's
 * documentation, or camelCase), backends, load, timeline, and what to judge.
 */
export interface EnvoyCase {
  readonly title: string;
  /** How often to run it, each time with another seed; 3 when absent. */
  readonly runs?: number;
  readonly clusters: readonly CaseCluster[];
  readonly route_config: Readonly<Record<string, unknown>>;
  /** Fields of a TCP proxy in place of the connection manager: the clients' HTTP is bytes to it. */
  readonly tcp?: Readonly<Record<string, unknown>>;
  readonly http_filters?: readonly unknown[];
  readonly hcm?: Readonly<Record<string, unknown>>;
  readonly router?: Readonly<Record<string, unknown>>;
  readonly runtime?: Readonly<Record<string, unknown>>;
  readonly cluster_manager?: Readonly<Record<string, unknown>>;
  readonly node?: Readonly<Record<string, unknown>>;
  readonly envoy_concurrency?: number;
  readonly load: CaseLoad | readonly CaseLoad[];
  readonly timeline?: readonly CaseTimelineStep[];
  readonly align?: { readonly interval_s: number; readonly phase_s: number };
  readonly settle_ms?: number;
  readonly after_ms?: number;
  readonly series_bucket_s?: number;
  readonly judge: readonly CaseJudgement[];
  readonly result?: {
    readonly envoy: string;
    readonly runs: number;
    readonly judged: readonly Judged[];
  };
}

/** An Envoy `Cluster` with endpoints in place of its load assignment. */
export interface CaseCluster {
  readonly name: string;
  readonly endpoints?: readonly CaseEndpoint[];
  readonly eds?: boolean;
  readonly initial_members?: readonly string[];
  readonly locality_weights?: readonly {
    readonly locality?: CaseLocality;
    readonly priority?: number;
    readonly load_balancing_weight: number;
  }[];
  readonly load_assignment_policy?: Readonly<Record<string, unknown>>;
  readonly [envoyField: string]: unknown;
}

export interface CaseLocality {
  readonly region?: string;
  readonly zone?: string;
  readonly sub_zone?: string;
}

export interface CaseEndpoint {
  readonly id: string;
  readonly address: string;
  readonly weight?: number;
  readonly locality?: CaseLocality;
  readonly priority?: number;
  readonly hostname?: string;
  readonly health_status?: string;
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly behaviour?: BackendBehaviour;
}

export type BackendAction =
  | 'respond'
  | 'hang'
  | 'reset'
  | 'close'
  | 'headers_then_reset'
  | 'headers_then_hang'
  | 'refused_stream'
  | 'cancel';

/** How a backend answers; a rule's `then` overrides these fields. */
export interface BackendAnswer {
  readonly latency_ms?: BackendLatency;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly body_ms?: number;
  readonly action?: BackendAction;
}

export interface BackendBehaviour extends BackendAnswer {
  readonly protocol?: 'http1' | 'h2c';
  readonly connect?: 'refuse' | 'blackhole';
  readonly seed?: number;
  readonly rules?: readonly { readonly when?: BackendCondition; readonly then: BackendAnswer }[];
}

/** All fields must hold; n counts the requests that this backend received, from 1. */
export interface BackendCondition {
  readonly first?: number;
  readonly after?: number;
  readonly every?: number;
  readonly from_s?: number;
  readonly to_s?: number;
  readonly path_prefix?: string;
  readonly header?: { readonly name: string; readonly value: string };
  readonly attempt?: number;
  readonly probability?: number;
}

export type BackendLatency =
  | number
  | { readonly dist: 'fixed'; readonly ms: number }
  | { readonly dist: 'uniform'; readonly min: number; readonly max: number }
  | { readonly dist: 'exponential'; readonly mean: number }
  | {
      readonly dist: 'choice';
      readonly of: readonly { readonly p: number; readonly ms: number }[];
    };

/** A request to send; `{i}` and `{i%N}` in path, header values and key stand for its number. */
export interface RequestTemplate {
  readonly name?: string;
  readonly path?: string;
  readonly host?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly key?: string;
  readonly repeat?: number;
  readonly source_ip?: string;
  readonly client_timeout_ms?: number;
}

export type CaseLoad =
  | {
      readonly kind: 'sequential';
      readonly requests?: readonly RequestTemplate[];
      readonly n?: number;
      readonly gap_ms?: number;
    }
  | {
      readonly kind: 'burst';
      readonly requests?: readonly RequestTemplate[];
      readonly n?: number;
      readonly stagger_ms?: number;
    }
  | {
      readonly kind: 'closed';
      readonly requests?: readonly RequestTemplate[];
      readonly concurrency: number;
      readonly requests_per_client: number;
      readonly think_ms?: number;
      readonly stagger_ms?: number;
    }
  | {
      readonly kind: 'open';
      readonly requests?: readonly RequestTemplate[];
      readonly rate_rps: number;
      readonly duration_s: number;
      readonly arrival?: 'constant' | 'poisson';
      readonly seed?: number;
    }
  | { readonly kind: 'wait'; readonly s: number }
  | ({ readonly kind: 'action' } & CaseAction);

export interface CaseAction {
  readonly set_behaviour?: { readonly endpoint: string; readonly behaviour: BackendBehaviour };
  readonly set_members?: { readonly cluster: string; readonly endpoints: readonly string[] };
  readonly set_health?: { readonly endpoint: string; readonly health_status: string };
}

export type CaseTimelineStep = CaseAction & { readonly at_s: number };

export type JudgementKind =
  | 'exact'
  | 'one_of'
  | 'rotation'
  | 'ci'
  | 'mean_ci'
  | 'approx'
  | 'varies';

/** What to compare: a path into the measures, and how. */
export interface CaseJudgement {
  readonly measure: string;
  readonly kind: JudgementKind;
  /** Of a map only these keys. */
  readonly only?: readonly string[];
  /** Measure with the number of trials; all requests if absent. */
  readonly of?: string;
  readonly configured?: number;
  readonly tolerance?: number;
  readonly period?: number;
}

/** A judgement with what was seen. */
export interface Judged extends CaseJudgement {
  readonly value?: unknown;
  readonly values?: readonly unknown[];
  readonly seen?: readonly number[];
  readonly cycles?: readonly unknown[];
  readonly successes?: number;
  readonly trials?: number;
  readonly low?: number;
  readonly high?: number;
  readonly mean?: number;
}
