import { type Infer, int32, intOrString, map, openObject, string, wrapped } from '#source/shape.ts';
import { objectMetaShape } from './object-meta.ts';
import { podShape } from './pod.ts';

const labelSelectorShape = openObject({ matchLabels: map(string()) });

const podTemplateShape = openObject({ metadata: objectMetaShape, spec: podShape });
export type PodTemplate = Infer<typeof podTemplateShape>;

/**
 * Deployment, ReplicaSet, StatefulSet and DaemonSet alike; the last has no replicas.
 *
 * @source kubernetes: api/apps/v1/types.go
 */
export const workloadShape = openObject({
  /** One when not written. */
  replicas: wrapped(int32()),
  selector: labelSelectorShape,
  template: podTemplateShape,
  serviceName: string(),
  minReadySeconds: int32(),
  strategy: openObject({
    type: string(),
    rollingUpdate: openObject({ maxSurge: intOrString(), maxUnavailable: intOrString() }),
  }),
  /** Of a StatefulSet or DaemonSet. */
  updateStrategy: openObject({
    type: string(),
    rollingUpdate: openObject({ partition: int32() }),
  }),
  /** Of a StatefulSet. */
  podManagementPolicy: string(),
});
/** Pods of one workload; a manifest that wants more is refused. */
export const MAX_REPLICAS = 100_000;

export type WorkloadSpec = Infer<typeof workloadShape>;

export const workloadStatusShape = openObject({
  replicas: int32(),
  readyReplicas: int32(),
});
export type WorkloadStatus = Infer<typeof workloadStatusShape>;
