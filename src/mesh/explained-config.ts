import type { ResourceStore } from '#config/resource-store.ts';
import type { ProxySnapshot } from '#envoy/proxy-environment.ts';
import type { Labels } from '#istiod/model/labels.ts';
import type { Origin, Provenance } from '#istiod/origin.ts';

/** A proxy's configuration, where it comes from, and all objects that are applied. */
export interface ExplainedConfig {
  readonly snapshot: ProxySnapshot;
  readonly provenance: Provenance;
  /** The workload's: Gateways select by them. */
  readonly labels: Labels;
  readonly given: ResourceStore;
}

/** What is to blame: where it stands, and the setting as it is written. */
export interface Cause {
  readonly origin: Origin;
  readonly setting: string;
}
