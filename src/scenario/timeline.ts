import type { Dispatcher, EventTarget } from '#kernel/dispatcher.ts';
import type { PodFacts } from '#mesh/cluster/pod-facts.ts';
import { appliedAt, objectsNamed } from '#mesh/given-mesh.ts';
import type { NetworkRule } from '#mesh/latency-map.ts';
import type { Mesh } from '#mesh/mesh.ts';
import type { Recorder } from '#telemetry/recorder.ts';
import type { Client } from '#world/client.ts';
import type { Behaviours } from './behaviours.ts';
import type { Experiment } from './experiment.ts';
import type { TimelineAction, TimelineStep } from './file/timeline-keys.ts';
import type { WorkloadChange } from './file/workload-keys.ts';
import { describeStep } from './step-text.ts';
import { findWorkload } from './workload-names.ts';

/** What the steps of a timeline act upon. */
export interface TimelineWorld {
  readonly mesh: Mesh;
  readonly behaviours: Behaviours;
  readonly recorder: Recorder;
  readonly clients: readonly Client[];
}

/** Makes each step of the timeline happen at its moment; steps of one moment in the file's order. */
export class Timeline implements EventTarget {
  readonly notes: string[] = [];
  readonly #experiment: Experiment;
  readonly #world: TimelineWorld;
  readonly #steps: readonly TimelineStep[];

  constructor(experiment: Experiment, world: TimelineWorld) {
    this.#experiment = experiment;
    this.#world = world;
    this.#steps = experiment.scenario.timeline;
  }

  start(dispatcher: Dispatcher): void {
    for (const [index, step] of this.#steps.entries())
      dispatcher.scheduleAt(step.atNs, this, index);
  }

  onEvent(index: number, nowNs: number): void {
    const step = this.#steps[index]!;
    this.#world.recorder.note(describeStep(step.action), nowNs);
    this.#act(step, nowNs);
  }

  #act(step: TimelineStep, nowNs: number): void {
    const { action } = step;
    const { mesh, behaviours } = this.#world;
    switch (action.kind) {
      case 'apply':
        this.#apply(step, nowNs);
        return;
      case 'delete':
        this.#delete(
          step,
          action.what.map(({ value }) => value),
          nowNs,
        );
        return;
      case 'setWorkload':
        this.#setWorkload(action);
        return;
      case 'setExternal':
        behaviours.setExternal(action.host.value, action.set);
        mesh.behavioursChanged();
        return;
      case 'setClient':
        this.#setClient(action);
        return;
      case 'scale':
        mesh.scale(this.#keyOf(action.workload.value), action.to, nowNs);
        return;
      case 'kill': {
        const { workload, count, restartNs } = action;
        mesh.kill(this.#keyOf(workload.value), count, restartNs, nowNs);
        return;
      }
      case 'lose': {
        const { place: kind, name, detectNs, restartNs } = action;
        mesh.lose({ kind, name: name.value, detectNs, restartNs }, nowNs);
        return;
      }
      case 'rollout':
        mesh.rollout(this.#keyOf(action.workload.value), nowNs);
        return;
      case 'drain':
        mesh.drain(this.#keyOf(action.workload.value), nowNs);
        return;
      case 'partition':
      case 'network':
        mesh.changeNetwork(ruleOf(action, nowNs));
        return;
      case 'note':
        return;
    }
  }

  #apply(step: TimelineStep, nowNs: number): void {
    const { mesh } = this.#world;
    const { resources } = this.#experiment.applied.get(step)!;
    const { defaultCreatedAtS } = this.#experiment.given.istiod;
    const aged = appliedAt(resources, mesh.given, defaultCreatedAtS, nowNs);
    mesh.apply(aged, describeStep(step.action), nowNs);
  }

  #delete(step: TimelineStep, names: readonly string[], nowNs: number): void {
    const { mesh } = this.#world;
    const inFiles = (this.#experiment.applied.get(step)?.resources ?? []).map(
      ({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`,
    );
    const objects = [...names, ...inFiles].flatMap((name) => objectsNamed(name, mesh.given));
    if (objects.length === 0) this.notes.push(`timeline: nothing to delete: ${names.join(', ')}`);
    mesh.delete(objects, `delete ${names.join(', ')}`, nowNs);
  }

  #setWorkload({ workload, set }: Extract<TimelineAction, { readonly kind: 'setWorkload' }>): void {
    const { mesh, behaviours } = this.#world;
    if (workload.value === '*') behaviours.setBase(set);
    else {
      const key = this.#keyOf(workload.value);
      behaviours.setWorkload(key, set);
      behaviours.setPods(key, set.pods);
      setReadiness(mesh, mesh.view.workloads.get(key)?.pods ?? [], set);
    }
    mesh.behavioursChanged();
  }

  #setClient({ client, set }: Extract<TimelineAction, { readonly kind: 'setClient' }>): void {
    const found = this.#world.clients.find(({ name }) => name === client.value);
    if (set.requests !== undefined) found?.setRequests(set.requests);
    if (set.load !== undefined) found?.setLoad(set.load);
  }

  #keyOf(name: string): string {
    const found = findWorkload(name, [...this.#world.mesh.view.workloads.keys()]);
    return 'key' in found ? found.key : name;
  }
}

/** What a step does to the network. */
function ruleOf(
  action: Extract<TimelineAction, { readonly kind: 'partition' | 'network' }>,
  nowNs: number,
): NetworkRule {
  const [one, other] = action.between;
  const isPartition = action.kind === 'partition';
  return {
    between: [one.names.map((it) => it.value), other.names.map((it) => it.value)],
    latencyNs: isPartition ? undefined : action.latencyNs,
    jitterNs: isPartition ? 0 : (action.jitterNs ?? 0),
    lossShare: isPartition ? 0 : (action.lossShare ?? 0),
    resetShare: isPartition ? 0 : (action.resetShare ?? 0),
    isPartition,
    untilNs: action.forNs === undefined ? Number.POSITIVE_INFINITY : nowNs + action.forNs,
  };
}

/** Single pods win over the workload that they belong to. */
function setReadiness({ readiness }: Mesh, pods: readonly PodFacts[], set: WorkloadChange): void {
  for (const pod of pods) {
    const isReady = set.pods.get(pod.name)?.value.isReady ?? set.isReady;
    if (isReady !== undefined) readiness.set([pod], isReady);
  }
}
