import type { Pod } from '#config/resource.ts';
import { readYaml } from '#source/yaml-read.ts';
import { member } from '#source/yaml-value.ts';

/**
 * The worker threads of a pod's proxy, where its annotations say: `proxy.istio.io/config`, else the
 * CPU limit rounded up (0 and absent = not said).
 *
 * @source istio: pkg/kube/inject/webhook.go, applyConcurrency
 */
export function podWorkerCount(pod: Pod): number | undefined {
  const { annotations } = pod.metadata;
  const config = annotations.get('proxy.istio.io/config');
  if (config !== undefined) {
    const [document] = readYaml('proxy.istio.io/config', config, 'kubernetes').documents;
    const count = member(document?.value, 'concurrency');
    if (typeof count === 'number' && count > 0) return Math.floor(count);
  }
  const limit = annotations.get('sidecar.istio.io/proxyCPULimit');
  return limit === undefined ? undefined : cpuCount(limit);
}

/** `2` and `1500m` in whole CPUs, rounded up. */
function cpuCount(text: string): number | undefined {
  const [, number, milli] = /^(\d+(?:\.\d+)?)(m?)$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  const count = Math.ceil(Number(number) / (milli === 'm' ? 1000 : 1));
  return count > 0 ? count : undefined;
}
