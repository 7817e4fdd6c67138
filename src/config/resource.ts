import type { Place } from '#source/diagnostic.ts';
import type { Path } from '#source/path.ts';
import type { YamlMapping } from '#source/yaml-value.ts';
import type { ObjectMeta } from './kubernetes/object-meta.ts';
import type { KindName, SpecOf, StatusOf } from './resource-kinds.ts';

/** One Kubernetes or Istio object, read by its kind's table, that knows where it stands in a file. */
export interface Resource<Spec = unknown, Status = unknown> {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status: Status | undefined;
  /** The whole object as it is written. */
  readonly raw: YamlMapping;
  /**
   * The place of a value, or of its key, by its path in the object: `['spec', 'http', 0, 'timeout']`.
   * Where that is not written, the deepest part that is; `[]` is the object's own first line.
   */
  placeOf(path: Path, part?: 'value' | 'key'): Place;
}

export type ResourceOf<K extends KindName> = Resource<SpecOf<K>, StatusOf<K>> & {
  /** The Gateway API has a Gateway of its own. */
  readonly kind: K extends 'KubernetesGateway' ? 'Gateway' : K;
};

export type Service = ResourceOf<'Service'>;
export type Pod = ResourceOf<'Pod'>;
export type VirtualService = ResourceOf<'VirtualService'>;
export type DestinationRule = ResourceOf<'DestinationRule'>;
export type Gateway = ResourceOf<'Gateway'>;
export type KubernetesGateway = ResourceOf<'KubernetesGateway'>;
export type ServiceEntry = ResourceOf<'ServiceEntry'>;
export type WorkloadEntry = ResourceOf<'WorkloadEntry'>;
export type WorkloadGroup = ResourceOf<'WorkloadGroup'>;
export type Sidecar = ResourceOf<'Sidecar'>;
export type PeerAuthentication = ResourceOf<'PeerAuthentication'>;
export type Telemetry = ResourceOf<'Telemetry'>;

/** `namespace/name`, or the name alone of a cluster-scoped object. */
export function resourceName(resource: Resource): string {
  const { namespace, name } = resource.metadata;
  return namespace === '' ? name : `${namespace}/${name}`;
}
