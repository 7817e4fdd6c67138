/**
 * What one run of an Envoy-level case left behind, in the same form whether the engine ran it or a
 * real Envoy did. `measure.ts` turns it into the measures that cases are judged by.
 */
export interface CaseLog {
  /** In the order in which they were sent. */
  readonly requests: readonly LoggedRequest[];
  readonly backends: readonly BackendLog[];
  readonly outlierEvents: readonly LoggedOutlierEvent[];
  /** Envoy's counters and gauges under Envoy's names, those that are not zero. */
  readonly stats: ReadonlyMap<string, number>;
  /** Health flags at the end, by endpoint id: `healthy`, `failed_outlier_check`… */
  readonly finalHealth: ReadonlyMap<string, string>;
}

/** One request of the load: what the client saw and what the proxy logged. */
export interface LoggedRequest {
  readonly name: string | undefined;
  readonly key: string | undefined;
  /** Since the load's start. */
  readonly sentMs: number;
  readonly durationMs: number;
  /** 0 = no response. */
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string | undefined;
  readonly clientError: string | undefined;
  readonly access: AccessLogEntry | undefined;
  /** Hosts of the attempts, in order. */
  readonly tried: readonly { readonly address: string; readonly cluster: string }[];
}

/** The proxy's own line about a request. */
export interface AccessLogEntry {
  /** Comma separated in the order set; `-` for none. */
  readonly flags: string;
  readonly details: string;
  readonly attempts: number;
  /** `ip:port`, or undefined. */
  readonly upstreamHost: string | undefined;
  readonly cluster: string | undefined;
  readonly route: string | undefined;
  readonly durationMs: number;
  /** As Istio's text format prints it. */
  readonly line: string;
}

export interface BackendLog {
  readonly endpoint: string;
  /** TCP connections accepted. */
  readonly connections: number;
  readonly requests: readonly BackendRequest[];
}

export interface BackendRequest {
  /** Index of the client request that it belongs to. */
  readonly request: number;
  /** Since the load's start. */
  readonly atMs: number;
  readonly authority: string;
  readonly path: string;
  /** All request headers, pseudo-headers included as the backend names them. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface LoggedOutlierEvent {
  /** Since the load's start. */
  readonly atSeconds: number;
  readonly endpoint: string;
  readonly cluster: string;
  readonly action: 'EJECT' | 'UNEJECT';
  /** Envoy's name of the detector: `CONSECUTIVE_5XX`…; ejections only. */
  readonly type?: string;
  readonly enforced?: boolean;
  readonly ejectionCount: number;
}
