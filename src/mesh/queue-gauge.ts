import { NONE, type Recorder } from '#telemetry/recorder.ts';
import type { QueueGauge } from '#world/instance.ts';
import type { PodFacts } from './cluster/pod-facts.ts';
import { workloadLabels } from './host-labels.ts';

/** How many requests wait in a pod, by its address without a port: it has one queue for all of them. */
export function queueGaugeOf(pod: PodFacts, recorder: Recorder, trustDomain: string): QueueGauge {
  const host = recorder.internHost({ ...workloadLabels(pod, trustDomain), address: pod.ip });
  const id = recorder.internGauge({ kind: 'queue', proxy: NONE, cluster: NONE, host });
  return { recorder, id };
}
