import { NONE, type Recorder } from '#telemetry/recorder.ts';
import type { QueueGauge } from '#world/instance.ts';
import type { PodFacts } from './cluster/pod-facts.ts';
import { workloadLabels } from './host-labels.ts';

/**
 * How many requests wait in a pod, and how many it works on where that is charted; by its address
 * without a port: it has one queue for all of them.
 */
export function queueGaugeOf(pod: PodFacts, recorder: Recorder, trustDomain: string): QueueGauge {
  const gaugeOf = (kind: 'queue' | 'serving') => {
    const host = recorder.internHost({ ...workloadLabels(pod, trustDomain), address: pod.ip });
    return recorder.internGauge({ kind, proxy: NONE, cluster: NONE, host });
  };
  return {
    recorder,
    queueId: () => gaugeOf('queue'),
    servingId: recorder.wantsSeries ? () => gaugeOf('serving') : undefined,
  };
}
