import { type PodFacts, workloadKey } from './cluster/pod-facts.ts';
import type { NetworkRule } from './latency-map.ts';

/** A node or zone that is lost. */
export interface LostPlace {
  readonly kind: 'node' | 'zone';
  readonly name: string;
  /** Until endpoints follow. */
  readonly detectNs: number;
  /** When it is back; undefined = never. */
  readonly restartNs: number | undefined;
}

/** Nothing gets through. */
export const SILENCE: Omit<NetworkRule, 'between' | 'untilNs'> = {
  latencyNs: undefined,
  jitterNs: 0,
  lossShare: 0,
  resetShare: 0,
  isPartition: true,
};

export function isIn({ node, locality }: PodFacts, { kind, name }: LostPlace): boolean {
  return kind === 'node' ? node === name : locality.split('/')[1] === name;
}

/** Of the first of them: how long pods take to get ready is asked of it. */
export function workloadKeyOf([pod]: readonly PodFacts[]): string {
  return pod === undefined ? '' : workloadKey(pod);
}
