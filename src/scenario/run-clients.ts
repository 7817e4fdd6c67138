import type { Mesh } from '#mesh/mesh.ts';
import type { PodRuntime } from '#mesh/pod-runtime.ts';
import { type ClientLabels, UNKNOWN_WORKLOAD } from '#telemetry/labels.ts';
import { Client, type ClientWorld } from '#world/client.ts';
import { Outbound } from '#world/outbound.ts';
import type { ClientOrigins } from '#world/session.ts';
import type { Experiment } from './experiment.ts';
import type { ClientSettings } from './file/client-keys.ts';

const DEFAULT_GRACEFUL_STOP_NS = 30e9;

/** How long requests may go on after the last one started: as long as the most patient client waits. */
export function drainNs({ scenario }: Experiment): number {
  let ns = 0;
  for (const { value } of scenario.clients.values())
    ns = Math.max(ns, value.gracefulStopNs ?? DEFAULT_GRACEFUL_STOP_NS);
  return ns;
}

/** The clients of a run, in the order of their names. */
export function makeClients(
  experiment: Experiment,
  mesh: Mesh,
  world: ClientWorld,
): readonly Client[] {
  const { scenario, clientWorkloads } = experiment;
  const names = [...scenario.clients.keys()].sort();
  // All ids come before the first request.
  const ids = names.map((name) => {
    const { origin } = scenario.clients.get(name)!.value;
    const isInMesh = origin?.kind !== 'through';
    const [pod] = isInMesh ? mesh.readyPods(clientWorkloads.get(name)!) : [];
    return world.recorder.internClient(labelsOf(name, pod && mesh.labelsOf(pod)));
  });
  return names.map((name, index) => {
    const settings = scenario.clients.get(name)!.value;
    const origins = originsOf(name, settings, clientWorkloads.get(name)!, mesh, world);
    const plan = {
      requests: settings.requests,
      load: settings.load!,
      timeoutNs: settings.timeoutNs,
      retries: settings.retries,
      users: settings.users,
      keepsCookies: settings.keepsCookies,
      gracefulStopNs: settings.gracefulStopNs ?? DEFAULT_GRACEFUL_STOP_NS,
    };
    return new Client(name, ids[index]!, plan, origins, world);
  });
}

/** Who asks: the workload that a client stands in; nobody known for one outside. */
function labelsOf(name: string, workload = UNKNOWN_WORKLOAD): ClientLabels {
  // One client may send from all pods of its workload.
  return { ...workload, pod: '', name };
}

/** Where a client's requests start: looked up anew only when pods have come or gone. */
function originsOf(
  name: string,
  settings: ClientSettings,
  workload: string,
  mesh: Mesh,
  world: ClientWorld,
): ClientOrigins {
  const byPod = new Map<PodRuntime, Outbound>();
  let generation = -1;
  let current: readonly Outbound[] = [];
  return () => {
    if (generation === mesh.podGeneration) return current;
    generation = mesh.podGeneration;
    current = mesh.readyPods(workload).map((pod) => {
      let outbound = byPod.get(pod);
      if (outbound === undefined) {
        outbound = outboundOf(name, settings, pod, mesh, world);
        byPod.set(pod, outbound);
      }
      return outbound;
    });
    return current;
  };
}

function outboundOf(
  name: string,
  settings: ClientSettings,
  pod: PodRuntime,
  mesh: Mesh,
  world: ClientWorld,
): Outbound {
  if (settings.origin?.kind === 'through')
    return mesh.gatewayOutbound(
      pod,
      name,
      (origin) => new Outbound(origin, world.dispatcher, world.seed),
    );
  return pod.newOutbound(`client/${name}`, settings.origin?.hasSidecar ?? true);
}
