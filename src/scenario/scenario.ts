import type { Place } from '#source/diagnostic.ts';
import type { YamlDocument } from '#source/yaml-document.ts';
import type { ClientSettings } from './file/client-keys.ts';
import type { MeshEntry } from './file/mesh-keys.ts';
import type { ExpectationText } from './file/scenario-keys.ts';
import type { Named } from './file/shape.ts';
import type { TimelineStep } from './file/timeline-keys.ts';
import type { ExternalSettings, WorkloadSettings } from './file/workload-keys.ts';

/** One experiment as its file says it, with defaults filled in; nothing of the mesh is known yet. */
export interface Scenario {
  /** The file's path as given. */
  readonly file: string;
  /** That file and all that it extends. */
  readonly sources: readonly string[];
  readonly title: string;
  readonly description: string;
  readonly seed: number;
  readonly durationNs: number;
  readonly warmupNs: number;
  readonly mesh: readonly MeshEntry[];
  readonly workloads: ReadonlyMap<string, Named<WorkloadSettings>>;
  readonly clients: ReadonlyMap<string, Named<ClientSettings>>;
  readonly external: ReadonlyMap<string, Named<ExternalSettings>>;
  readonly timeline: readonly TimelineStep[];
  readonly expectations: readonly ExpectationText[];
  readonly proxy: ProxyTimes;
  readonly network: NetworkTimes;
  readonly push: PushTimes;
  readonly injection: 'all' | 'labels';
  readonly allowUnknown: boolean;
  readonly readinessDelayNs: number;
  readonly istioVersion: string | undefined;
  readonly meshConfig: { readonly document: YamlDocument; readonly at: Place } | undefined;
  /** RFC 3339. */
  readonly epoch: string;
}

export interface ProxyTimes {
  readonly requestNs: number;
  readonly responseNs: number;
  /** Undefined = as the manifests say, else 2. */
  readonly workerCount: number | undefined;
}

export interface NetworkTimes {
  readonly requestNs: number;
  readonly responseNs: number;
  readonly zonesNs: number;
  readonly regionsNs: number;
  readonly outsideNs: number;
  readonly jitterNs: number;
  readonly lossShare: number;
  readonly resetShare: number;
}

/** How long a change takes from istiod to a proxy; all zero = it is everywhere at once. */
export interface PushTimes {
  readonly debounceNs: number;
  readonly maxDebounceNs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
}
