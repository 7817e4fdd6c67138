import type { Container } from '#config/kubernetes/pod.ts';
import type { Pod } from '#config/resource.ts';
import { parseDuration } from '#source/duration.ts';
import { readYaml } from '#source/yaml-read.ts';
import type { YamlValue } from '#source/yaml-value.ts';
import { member } from '#source/yaml-value.ts';

/** How a pod ends, as far as its manifest says. */
export interface PodShutdown {
  /** The longest preStop hook of the application's containers; 0 = none. */
  readonly preStopNs: number;
  /** The preStop hook of the sidecar's container, where the manifest customises it; 0 = none. */
  readonly sidecarPreStopNs: number;
  /** After this everything in the pod is killed. */
  readonly graceNs: number;
  /** How long its sidecar drains; undefined = Istio's default. */
  readonly drainNs: number | undefined;
  /** The sidecar is an init container that outlives the application. */
  readonly isSidecarNative: boolean | undefined;
  /** The sidecar's environment, as far as it is about its end. */
  readonly agent: AgentSettings;
}

/** What pilot-agent's environment says of the sidecar's end; undefined = not said here. */
export interface AgentSettings {
  /** `EXIT_ON_ZERO_ACTIVE_CONNECTIONS`. */
  readonly exitsOnZeroConnections: boolean | undefined;
  /** `MINIMUM_DRAIN_DURATION`. */
  readonly minimumDrainNs: number | undefined;
}

const SECOND_NS = 1e9;
const DEFAULT_GRACE_S = 30;
const SIDECAR = 'istio-proxy';

/**
 * Reads `terminationGracePeriodSeconds`, preStop hooks that sleep, and what annotations and the sidecar's own
 * container say about its end. What other commands a hook runs is not known: they take no time.
 *
 * @source kubernetes: pkg/kubelet/kuberuntime/kuberuntime_container.go, killContainer
 * @source istio: manifests/charts/istio-control/istio-discovery/files/injection-template.yaml
 */
export function podShutdown(pod: Pod): PodShutdown {
  const { annotations } = pod.metadata;
  const { containers, initContainers } = pod.spec;
  const sidecars = [...containers, ...initContainers].filter(({ name }) => name === SIDECAR);
  const hooks = containers.filter(({ name }) => name !== SIDECAR).map(preStopSeconds);
  const native = annotations.get('sidecar.istio.io/nativeSidecar');
  const config = proxyConfigOf(annotations.get('proxy.istio.io/config'));
  const drain = member(config, 'terminationDrainDuration');
  return {
    preStopNs: Math.round(Math.max(0, ...hooks) * SECOND_NS),
    sidecarPreStopNs: Math.round(Math.max(0, ...sidecars.map(preStopSeconds)) * SECOND_NS),
    graceNs: (pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_S) * SECOND_NS,
    drainNs: typeof drain === 'string' ? parseDuration(drain) : undefined,
    isSidecarNative: native === undefined ? isNativeAsWritten(pod) : native === 'true',
    agent: agentOf(sidecars, config),
  };
}

/** Where the sidecar's container stands; undefined = nobody has injected it yet. */
function isNativeAsWritten({ metadata, spec }: Pod): boolean | undefined {
  if (spec.initContainers.some(({ name }) => name === SIDECAR)) return true;
  return metadata.annotations.has('sidecar.istio.io/status') ? false : undefined;
}

/** The settings of an environment by name; `proxyMetadata` becomes environment, too. */
export function agentSettings(read: (name: string) => string | undefined): AgentSettings {
  const exits = read('EXIT_ON_ZERO_ACTIVE_CONNECTIONS');
  const minimum = read('MINIMUM_DRAIN_DURATION');
  return {
    exitsOnZeroConnections: exits === undefined ? undefined : /^(1|t|true)$/i.test(exits),
    minimumDrainNs: minimum === undefined ? undefined : parseDuration(minimum),
  };
}

function agentOf(sidecars: readonly Container[], config: YamlValue | undefined): AgentSettings {
  const metadata = member(config, 'proxyMetadata');
  return agentSettings((name) => {
    const own = sidecars.flatMap(({ env }) => env).find((it) => it.name === name)?.value;
    const annotated = member(metadata, name);
    return own ?? (annotated === undefined || annotated === null ? undefined : String(annotated));
  });
}

function preStopSeconds({ lifecycle }: Container): number {
  const hook = lifecycle?.preStop;
  if (hook === undefined) return 0;
  const slept = hook.sleep?.seconds ?? 0;
  const command = (hook.exec?.command ?? []).join(' ');
  const seconds = /(?:^|[\s;&/])sleep\s+(\d+(?:\.\d+)?)(?=s?(?:$|[\s;&]))/.exec(command)?.[1];
  return Math.max(slept, Number(seconds ?? 0));
}

function proxyConfigOf(text: string | undefined): YamlValue | undefined {
  if (text === undefined) return undefined;
  return readYaml('proxy.istio.io/config', text, 'kubernetes').documents[0]?.value;
}
