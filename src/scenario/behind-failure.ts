import type { Place } from '#source/diagnostic.ts';
import type { Experiment } from './experiment.ts';
import type { TimelineStep } from './file/timeline-keys.ts';
import type { BehaviourSettings } from './file/workload-keys.ts';
import type { BlameLink } from './run-result.ts';
import { describeStep } from './step-text.ts';

/** A way to fail, as far as the experiment has to know it to find what is behind. */
export interface FailureInTime {
  readonly code: number;
  readonly flags: string;
  /** `namespace/name`; '' if no host was reached. */
  readonly workload: string;
  /** Workloads that it may have come from: the one that was asked, and all that are asked for it. */
  readonly downstream: ReadonlySet<string>;
  /** The workload that sent it, and the clients that it was for. */
  readonly source: string;
  /** The manifest that the blamed object stands in. */
  readonly file: string | undefined;
  readonly firstNs: number;
  readonly lastNs: number;
}

/**
 * What the scenario itself did to make requests fail so: the behaviour that a workload was given, and the
 * step of the timeline after which it began. Nearest first.
 */
export function behindFailure(
  experiment: Experiment,
  failure: FailureInTime,
): readonly BlameLink[] {
  const step = stepBehind(experiment, failure);
  const behaviour = behaviourBehind(experiment, failure, step);
  return [
    ...(behaviour === undefined ? [] : [behaviour]),
    ...(step === undefined ? [] : [linkOf(step, failure)]),
  ];
}

function linkOf({ action, at, atNs }: TimelineStep, failure: FailureInTime): BlameLink {
  const change = action.kind === 'setWorkload' ? `: ${causeText(action.set, failure)}` : '';
  return { text: `${describeStep(action)}${change}`, at, sinceNs: atNs };
}

/** The last step before the failures began that touches what they are about. */
function stepBehind(
  { scenario, applied }: Experiment,
  failure: FailureInTime,
): TimelineStep | undefined {
  const isNamed = (name: string) => {
    if (name === '*') return true;
    return [...failure.downstream].some((key) => key === name || key.endsWith(`/${name}`));
  };
  const isAbout = (step: TimelineStep): boolean => {
    const { action } = step;
    switch (action.kind) {
      case 'apply':
      case 'delete':
        return (
          ROUTING_FLAGS.test(failure.flags) ||
          (applied.get(step)?.files ?? []).some(({ name }) => name === failure.file)
        );
      case 'setWorkload':
        return isNamed(action.workload.value) && mayCause(action.set, failure);
      case 'scale':
      case 'kill':
      case 'rollout':
      case 'drain':
        return isNamed(action.workload.value);
      case 'partition':
      case 'network':
        return action.between
          .flatMap(({ names }) => names)
          .some(({ value }) => isNamed(value) || failure.source.endsWith(value));
      case 'lose':
        return LOSS_FLAGS.test(failure.flags);
      case 'setClient':
        return OVERLOAD_FLAGS.test(failure.flags);
      case 'setExternal':
      case 'note':
        return false;
    }
  };
  return scenario.timeline.findLast((step) => step.atNs <= failure.firstNs && isAbout(step));
}

/** Where routing or discovery had nothing to offer: any change of configuration may be behind it. */
const ROUTING_FLAGS = /\b(?:NC|NR|UH)\b/;
/** What a node that is gone brings to those who still send to it. */
const LOSS_FLAGS = /\b(?:UF|UT|UC|UH|URX)\b/;
/** What more load brings. */
const OVERLOAD_FLAGS = /\b(?:UO|UT|UH|URX)\b/;

/** The setting of the workload itself, as the file has it, unless a step has replaced it. */
function behaviourBehind(
  { scenario, workloadKeys }: Experiment,
  failure: FailureInTime,
  step: TimelineStep | undefined,
): BlameLink | undefined {
  if (step?.action.kind === 'setWorkload') return undefined;
  for (const [name, { keyAt, value }] of scenario.workloads) {
    const isMeant = workloadKeys.get(name) === failure.workload;
    if (!isMeant) continue;
    const settings = [value, ...[...value.pods.values()].map((pod) => pod.value)];
    const found = settings.find((one) => mayCause(one, failure));
    if (found !== undefined) return behaviourLink(name, found, failure, keyAt);
  }
  return undefined;
}

function behaviourLink(
  name: string,
  settings: BehaviourSettings,
  failure: FailureInTime,
  at: Place,
): BlameLink {
  return { text: `workloads: ${name}: ${causeText(settings, failure)}`, at, sinceNs: undefined };
}

/** Whether a behaviour can make requests fail like this. */
function mayCause(settings: BehaviourSettings, failure: FailureInTime): boolean {
  return causeText(settings, failure) !== '';
}

/** The key that can make requests fail like this, as it is written; '' if there is none. */
function causeText(settings: BehaviourSettings, { code, flags }: FailureInTime): string {
  const { errors, latency, keepAliveNs, concurrency, queue, overloadStatus } = settings;
  const isTimeout = /\bUT\b/.test(flags);
  const isConnection = /\b(?:UF|UC|UR|UPE)\b/.test(flags);
  const status = errors?.statuses.find((one) => one.status === code && one.share > 0);
  if (!isTimeout && !isConnection && status !== undefined)
    return `errors ${status.status}: ${percent(status.share)}`;
  if (isConnection && settings.listensLocally) return 'listen: localhost';
  if ((isConnection || /URX/.test(flags)) && errors !== undefined) {
    if (errors.refuseShare > 0) return `errors refuse: ${percent(errors.refuseShare)}`;
    if (errors.resetShare > 0) return `errors reset: ${percent(errors.resetShare)}`;
  }
  if (isTimeout && (errors?.hangShare ?? 0) > 0)
    return `errors hang: ${percent(errors!.hangShare)}`;
  if (isTimeout && latency !== undefined) return 'latency';
  if (/\bUC\b/.test(flags) && (keepAliveNs ?? 0) > 0) return `keepAlive ${keepAliveNs! / 1e9}s`;
  // Errors eject hosts, until none is left.
  const worst = errors?.statuses.find((one) => one.status >= 500 && one.share > 0);
  if (flags === 'UH' && worst !== undefined)
    return `errors ${worst.status}: ${percent(worst.share)}`;
  const isFull = flags === '-' || flags === 'URX';
  if (isFull && code === (overloadStatus ?? 503) && (queue ?? Infinity) < Infinity)
    return `queue: ${queue}${concurrency === undefined ? '' : `, concurrency: ${concurrency}`}`;
  return '';
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))}%`;
}
