import type { Pod } from '#config/resource.ts';
import { parseDuration } from '#source/duration.ts';
import { readYaml } from '#source/yaml-read.ts';
import { member } from '#source/yaml-value.ts';

/** How a pod ends, as far as its manifest says. */
export interface PodShutdown {
  /** The longest preStop hook of its containers; 0 = none. */
  readonly preStopNs: number;
  /** After this everything in the pod is killed. */
  readonly graceNs: number;
  /** How long its sidecar drains; undefined = Istio's default. */
  readonly drainNs: number | undefined;
  /** The sidecar is an init container that outlives the application. */
  readonly isSidecarNative: boolean | undefined;
}

const SECOND_NS = 1e9;
const DEFAULT_GRACE_S = 30;

/**
 * Reads `terminationGracePeriodSeconds`, preStop hooks that sleep, and the annotations about the
 * sidecar's end. What other commands a hook runs is not known: they take no time.
 *
 * @source kubernetes: pkg/kubelet/kuberuntime/kuberuntime_container.go, killContainer
 */
export function podShutdown(pod: Pod): PodShutdown {
  const { annotations } = pod.metadata;
  const hooks = pod.spec.containers.map(({ lifecycle }) => preStopSeconds(lifecycle?.preStop));
  const native = annotations.get('sidecar.istio.io/nativeSidecar');
  return {
    preStopNs: Math.round(Math.max(0, ...hooks) * SECOND_NS),
    graceNs: (pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S) * SECOND_NS,
    drainNs: drainOf(annotations.get('proxy.istio.io/config')),
    isSidecarNative: native === undefined ? undefined : native === 'true',
  };
}

type PreStop = Pod['spec']['containers'][number]['lifecycle'] extends infer L
  ? L extends { readonly preStop: infer P }
    ? P
    : undefined
  : undefined;

function preStopSeconds(hook: PreStop | undefined): number {
  if (hook === undefined) return 0;
  const slept = hook.sleep?.seconds ?? 0;
  const command = (hook.exec?.command ?? []).join(' ');
  const seconds = /(?:^|[\s;&/])sleep\s+(\d+(?:\.\d+)?)(?=s?(?:$|[\s;&]))/.exec(command)?.[1];
  return Math.max(slept, Number(seconds ?? 0));
}

function drainOf(config: string | undefined): number | undefined {
  if (config === undefined) return undefined;
  const [document] = readYaml('proxy.istio.io/config', config, 'kubernetes').documents;
  const written = member(document?.value, 'terminationDrainDuration');
  return typeof written === 'string' ? parseDuration(written) : undefined;
}
