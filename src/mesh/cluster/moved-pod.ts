import type { Pod } from '#config/resource.ts';
import { keptIn, memoOf } from '#kernel/memo.ts';
import { podKey } from './pod-facts.ts';

/** A pod where it was made anew, if it was. `moved`: nodes by pod. */
export function onItsNode(pod: Pod, moved: ReadonlyMap<string, string> | undefined): Pod {
  if (moved === undefined || moved.size === 0) return pod;
  const node = moved.get(podKey(pod.metadata));
  return node === undefined ? pod : keptIn(movedPods(pod), node, () => movedTo(pod, node));
}

/** By node: the same object in every view. */
const movedPods = memoOf((_pod: Pod) => new Map<string, Pod>());

/** It is another pod: what the status says of the former one is over. */
function movedTo(pod: Pod, node: string): Pod {
  return { ...pod, spec: { ...pod.spec, nodeName: node }, status: undefined };
}
