import type { Run } from '#scenario/run.ts';
import type { RunResult } from '#scenario/run-result.ts';
import type { RunView, ViewRule } from './run-view.ts';
import { viewCauses } from './run-view-causes.ts';
import { viewExpectation } from './run-view-expectations.ts';
import { viewFlows } from './run-view-flows.ts';
import { viewGauges } from './run-view-gauges.ts';
import { RunViewGraph } from './run-view-graph.ts';
import { viewLatencies } from './run-view-latencies.ts';
import { viewRequests } from './run-view-requests.ts';
import { viewSteps } from './run-view-steps.ts';
import { viewWeights } from './run-view-weights.ts';

/** Charts are drawn with at most about this many buckets. */
const MAX_BUCKETS = 150;
const NICE = [1, 2, 5];

/** The length of a bucket: 1, 2 or 5 times a power of ten, so that a run has enough, not too many. */
export function bucketNsFor(durationNs: number): number {
  for (let powerNs = 1e6; ; powerNs *= 10) {
    for (const factor of NICE)
      if (durationNs / (factor * powerNs) <= MAX_BUCKETS) return factor * powerNs;
  }
}

/** What the page shows of a run, as it stands. The run must have been made with `seriesStepNs`. */
export function buildRunView(run: Run): RunView {
  const { recorder } = run;
  const { series } = recorder;
  if (series === undefined) throw new Error('a run to be shown is kept in buckets');
  const { scenario } = run.experiment;
  const result = run.result();
  const graph = new RunViewGraph(run);
  const flows = viewFlows(recorder, series, graph);
  return {
    title: result.title,
    seed: result.seed,
    istioVersion: result.istioVersion,
    digest: result.digest,
    durationNs: scenario.durationNs,
    warmupNs: scenario.warmupNs,
    frontNs: run.isOver
      ? Math.max(run.nowNs, result.stoppedAtNs ?? scenario.durationNs)
      : run.nowNs,
    isOver: run.isOver,
    bucketNs: series.stepNs,
    bucketCount: series.bucketCount,
    nodes: graph.nodes(),
    edges: graph.edges,
    flows,
    latencies: viewLatencies(recorder, series, graph),
    gauges: viewGauges(run),
    ejections: result.ejections.map(({ atNs, backNs, host, pod, cluster, proxy, detector }) => ({
      host,
      pod,
      cluster,
      proxy,
      detector,
      fromNs: atNs,
      toNs: backNs,
    })),
    steps: viewSteps(run.experiment),
    pushes: result.events
      .filter(({ kind }) => kind === 'push')
      .map(({ atNs, proxy }) => ({ atNs, proxy })),
    weights: viewWeights(run.experiment),
    requests: viewRequests(recorder),
    expectations: result.expectations.map((one) => viewExpectation(one, run.isOver)),
    causes: viewCauses(run, result),
    unexercised: run.isOver ? unmetRules(result) : [],
    notes: [
      ...result.notModelled.map(
        ({ kind, objects }) => `not simulated: ${kind} ${objects.join(', ')}`,
      ),
      ...result.notes,
    ],
  };
}

function unmetRules({ coverage }: RunResult): readonly ViewRule[] {
  return coverage
    .filter(({ isExercised }) => !isExercised)
    .map(({ kind, name, at }) => ({ kind, name, at }));
}
