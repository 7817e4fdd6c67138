import { Dispatcher } from '#kernel/dispatcher.ts';
import { randomStream } from '#kernel/random.ts';
import type { Translating } from '#mesh/generate-config.ts';
import { epochMsOf } from '#mesh/given-mesh.ts';
import { Mesh } from '#mesh/mesh.ts';
import type { StreamObservers } from '#mesh/stream-log.ts';
import type { AttachedExpectation } from '#telemetry/query/expectation.ts';
import type { Span } from '#telemetry/recorder.ts';
import { type RequestObserver, RunRecorder } from '#telemetry/run-recorder.ts';
import type { Client } from '#world/client.ts';
import { Behaviours } from './behaviours.ts';
import type { Experiment } from './experiment.ts';
import { lifecyclesOf } from './lifecycles.ts';
import type { RunBlame } from './run-blame.ts';
import { drainNs, makeClients } from './run-clients.ts';
import { runBlame, runResult } from './run-outcome.ts';
import type { RunResult } from './run-result.ts';
import { Timeline } from './timeline.ts';

export interface RunOptions {
  /** Where spans go; undefined = no tracing. It changes nothing else. */
  readonly trace?: ((span: Span) => void) | undefined;
  /** Whether to keep the run in buckets of this length, too. It changes nothing else. */
  readonly seriesStepNs?: number | undefined;
  /** Shown every request as it ends. It changes nothing else. */
  readonly observer?: RequestObserver | undefined;
  /** Keeps the streams of all proxies. It changes nothing else. */
  readonly streams?: StreamObservers | undefined;
  /** Whether proxies keep the times that Envoy's `/stats` prints. It changes nothing else. */
  readonly keepsHistograms?: boolean | undefined;
  /** How istiod's work is done, for whoever times it. It changes nothing else. */
  readonly translating?: Translating | undefined;
}

/** Steps after which paths are no longer what they were. */
const NETWORK_STEPS: readonly string[] = ['partition', 'network', 'lose'];

/** How often expectations with `abort` are looked at. */
const ABORT_CHECK_NS = 100e6;
const DEFAULT_WORKERS = 2;

/**
 * One run of an experiment. Synchronous: `until` returns when virtual time has come so far, and the
 * caller decides about progress and pausing. The outcome does not depend on how it is sliced.
 */
export class Run {
  readonly experiment: Experiment;
  readonly mesh: Mesh;
  readonly recorder: RunRecorder;
  readonly dispatcher = new Dispatcher();
  readonly #clients: readonly Client[];
  readonly #expectations: readonly AttachedExpectation[];
  readonly #aborting: readonly AttachedExpectation[];
  readonly #timeline: Timeline;
  #isOver = false;
  #abortedBy: string | undefined = undefined;
  #nextCheckNs = ABORT_CHECK_NS;
  #digest: string | undefined = undefined;

  constructor(experiment: Experiment, options: RunOptions = {}) {
    const { scenario, given } = experiment;
    const { seed, durationNs, warmupNs } = scenario;
    this.experiment = experiment;
    const { seriesStepNs: stepNs, observer } = options;
    const series = stepNs === undefined ? undefined : { stepNs, untilNs: durationNs };
    this.recorder = new RunRecorder({ seed, warmupNs, trace: options.trace, series, observer });
    this.#expectations = experiment.expectations.map((one) => one.attach(this.recorder));
    this.#aborting = this.#expectations.filter(({ request }) => request.isAborting);
    const behaviours = initialBehaviours(experiment);
    const { dispatcher, recorder } = this;
    const { requestNs, responseNs, workerCount } = scenario.proxy;
    this.mesh = new Mesh(given.store, {
      seed,
      dispatcher,
      recorder,
      epochMs: epochMsOf(scenario.epoch),
      network: scenario.network,
      networkMayChange: scenario.timeline.some(({ action }) => NETWORK_STEPS.includes(action.kind)),
      traversal: { requestNs, responseNs },
      workerCount: workerCount ?? DEFAULT_WORKERS,
      push: scenario.push,
      readinessDelayNs: scenario.readinessDelayNs,
      lifecycleOf: lifecyclesOf(experiment),
      injection: scenario.injection,
      withoutSidecar: experiment.withoutSidecar,
      istiod: given.istiod,
      behaviourOf: (pod) => behaviours.ofPod(pod),
      externalBehaviourOf: (host) => behaviours.ofExternal(host),
      resolvesOutside: (host) => behaviours.resolves(host),
      externalHosts: outsideHosts(experiment),
      streams: options.streams,
      keepsHistograms: options.keepsHistograms,
      translating: options.translating,
    });
    const world = {
      dispatcher,
      recorder,
      seed,
      endNs: durationNs,
      drainNs: drainNs(experiment),
      randomStream: (name: string) => randomStream(seed, name),
    };
    this.#clients = makeClients(experiment, this.mesh, world);
    this.#timeline = new Timeline(experiment, {
      mesh: this.mesh,
      behaviours,
      recorder,
      clients: this.#clients,
    });
    this.#timeline.start(dispatcher);
  }

  get nowNs(): number {
    return this.dispatcher.nowNs;
  }

  /** Nothing more will happen. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get requestCount(): number {
    return this.#clients.reduce((sum, client) => sum + client.startedCount, 0);
  }

  get expectations(): readonly AttachedExpectation[] {
    return this.#expectations;
  }

  /** Lets time pass until `timeNs`, or to the end of the run if that comes first. */
  until(timeNs: number): void {
    const { durationNs } = this.experiment.scenario;
    const wholeNs = Math.floor(timeNs);
    while (!this.#isOver && this.nowNs < Math.min(wholeNs, durationNs)) this.#advance(wholeNs);
    if (!this.#isOver && wholeNs >= durationNs) this.#drain(wholeNs);
  }

  /** To the end. */
  finish(): RunResult {
    this.until(Number.POSITIVE_INFINITY);
    return this.result();
  }

  /** Why requests have failed so far. */
  blame(): RunBlame {
    return runBlame(this);
  }

  /** What is known so far; after the end, all there is. */
  result(): RunResult {
    const { experiment, mesh, recorder, nowNs } = this;
    return runResult({
      experiment,
      mesh,
      recorder,
      nowNs,
      isOver: this.#isOver,
      abortedBy: this.#abortedBy,
      digest: this.#isOver ? this.#finalDigest() : '',
      expectations: this.#expectations.map((one) => one.result(nowNs)),
      timelineNotes: this.#timeline.notes,
    });
  }

  /** To the next moment at which an expectation may end the run, or to `timeNs`. */
  #advance(timeNs: number): void {
    const { durationNs } = this.experiment.scenario;
    const limitNs = Math.min(timeNs, durationNs);
    if (this.#aborting.length === 0) {
      this.dispatcher.runUntil(limitNs);
      return;
    }
    this.dispatcher.runUntil(Math.min(limitNs, this.#nextCheckNs));
    if (this.nowNs < this.#nextCheckNs) return;
    this.#nextCheckNs += ABORT_CHECK_NS;
    const hopeless = this.#aborting.find((one) => one.isHopeless(this.nowNs));
    if (hopeless === undefined) return;
    this.#abortedBy = hopeless.request.name ?? hopeless.request.that.text;
    this.#end();
  }

  /** Lets requests under way come to their end, for a while. */
  #drain(timeNs: number): void {
    const endNs = this.experiment.scenario.durationNs + drainNs(this.experiment);
    const { dispatcher } = this;
    while (this.#openCount() > 0 && dispatcher.nextEventNs <= Math.min(timeNs, endNs))
      dispatcher.runNext();
    if (this.#openCount() === 0) this.#end();
    else {
      dispatcher.runUntil(Math.max(dispatcher.nowNs, Math.min(timeNs, endNs)));
      if (timeNs >= endNs) this.#end();
    }
  }

  #openCount(): number {
    let count = 0;
    for (const client of this.#clients) count += client.openCount;
    return count;
  }

  #end(): void {
    this.#isOver = true;
    for (const client of this.#clients) client.reportUnfinished();
  }

  #finalDigest(): string {
    this.#digest ??= this.recorder.finishDigest();
    return this.#digest;
  }
}

function initialBehaviours({ scenario, workloadKeys }: Experiment): Behaviours {
  const behaviours = new Behaviours(scenario.seed);
  for (const [name, { value }] of scenario.workloads) {
    if (name === '*') {
      behaviours.setBase(value);
      continue;
    }
    const key = workloadKeys.get(name)!;
    behaviours.setWorkload(key, value);
    behaviours.setPods(key, value.pods);
  }
  for (const [host, { value }] of scenario.external) behaviours.setExternal(host, value);
  return behaviours;
}

/** Every host outside that the scenario mentions, so that no address depends on traffic. */
function outsideHosts({ scenario }: Experiment): readonly string[] {
  const hosts = new Set<string>(scenario.external.keys());
  for (const [name, { value }] of scenario.clients) {
    hosts.add(`client/${name}`);
    for (const { target } of value.requests) hosts.add(target.host);
  }
  for (const { value } of scenario.workloads.values())
    for (const { calls } of value.calls ?? [])
      for (const { target } of calls) hosts.add(target.host);
  return [...hosts];
}
