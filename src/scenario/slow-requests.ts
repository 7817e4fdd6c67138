import { explainFailure } from '#mesh/explain-failure.ts';
import type { SpanKind } from '#telemetry/recorder.ts';
import type { SampledRequest } from '#telemetry/request-sample.ts';
import type { Experiment } from './experiment.ts';
import type { TimelineAction, TimelineStep } from './file/timeline-keys.ts';
import type { BehaviourSettings } from './file/workload-keys.ts';
import type { Run } from './run.ts';
import type { BlameCause, BlameLink } from './run-result.ts';
import { describeStep } from './step-text.ts';
import { type TimeSpent, timeSpent } from './time-spent.ts';
import { type TracedRequest, tracedRequests } from './traced-requests.ts';

/** Where the time of the slowest requests went. */
export interface SlowAnswer {
  /** The slowest, longest first: how many there are, and what they took. */
  readonly slowestCount: number;
  readonly shortestNs: number;
  readonly longestNs: number;
  /** Most time first. */
  readonly parts: readonly SlowPart[];
}

/** Something that requests spent time on. */
export interface SlowPart {
  readonly share: number;
  /** `waits in the queue of catalog`. */
  readonly what: string;
  readonly cause: BlameCause | undefined;
  readonly behind: readonly BlameLink[];
}

/** Says where the time of the given requests went and which setting is behind it; runs again for that. */
export function whySlow(run: Run, slowest: readonly SampledRequest[]): SlowAnswer {
  const durations = slowest.map(({ endNs, intendedNs }) => endNs - intendedNs);
  const parts = new Map<string, Part>();
  for (const request of tracedRequests(run, slowest))
    for (const spent of timeSpent(request.spans)) addTo(parts, spent, request);
  const sumNs = [...parts.values()].reduce((sum, { spentNs }) => sum + spentNs, 0);
  return {
    slowestCount: slowest.length,
    shortestNs: Math.min(...durations),
    longestNs: Math.max(...durations),
    parts: [...parts.values()]
      .sort((a, b) => b.spentNs - a.spentNs || (a.what < b.what ? -1 : 1))
      .map((part) => partOf(part, part.spentNs / sumNs)),
  };
}

/** Time of one kind, of all requests; `example` is the longest piece of it. */
interface Part {
  readonly what: string;
  readonly workload: string;
  spentNs: number;
  example: TimeSpent;
  request: TracedRequest;
}

function addTo(parts: Map<string, Part>, spent: TimeSpent, request: TracedRequest): void {
  const workload = workloadOf(spent, request.run);
  const what = whatOf(spent, workload);
  const part = parts.get(what);
  if (part === undefined) {
    parts.set(what, { what, workload, spentNs: spent.spentNs, example: spent, request });
    return;
  }
  part.spentNs += spent.spentNs;
  if (spent.spentNs <= part.example.spentNs) return;
  part.example = spent;
  part.request = request;
}

/** `namespace/name` of the workload that a piece happened at; the name of the piece's place otherwise. */
function workloadOf({ span }: TimeSpent, { recorder: { rows } }: Run): string {
  const host = rows.hosts.all.find(({ pod }) => pod === span.at);
  const proxy = rows.proxies.all.find(({ name }) => name === span.at);
  const found = host ?? proxy;
  return found === undefined ? span.at : `${found.namespace}/${found.workload}`;
}

function whatOf({ span, proxy }: TimeSpent, workload: string): string {
  const name = workload.slice(workload.indexOf('/') + 1);
  const to = targetOf(proxy?.upstream?.cluster ?? '');
  switch (span.kind) {
    case 'queue':
      return `waiting in the queue of ${name}`;
    case 'service':
      return `being served by ${name}`;
    case 'pending':
      return `waiting at ${name} for a connection to ${to}`;
    case 'connect':
      return `connecting from ${name} to ${to}`;
    case 'backoff':
      return `backing off before a retry to ${to}`;
    case 'fault-delay':
      return `a delay injected at ${name}`;
    default:
      return 'on the network and in proxies';
  }
}

/** The short name of whom a cluster stands for. */
function targetOf(cluster: string): string {
  const [direction, , subset = '', host = ''] = cluster.split('|');
  if (direction === 'inbound') return 'its application';
  const service = host.includes('.svc.') ? host.slice(0, host.indexOf('.')) : host || cluster;
  return subset === '' ? service : `${service}|${subset}`;
}

function partOf({ what, workload, example, request }: Part, share: number): SlowPart {
  const { experiment } = request.run;
  const step = stepBehind(experiment, example, workload, request.intendedNs);
  const link = step && {
    text: stepText(step.action, example.span.kind),
    at: step.at,
    sinceNs: step.atNs,
  };
  return {
    share,
    what,
    cause: causeOf(example, workload, request.run, step),
    behind: link === undefined ? [] : [link],
  };
}

/** `set workload bank: latency`. */
function stepText(action: TimelineAction, kind: SpanKind): string {
  const isServed = kind === 'queue' || kind === 'service';
  const set = action.kind === 'setWorkload' && isServed ? settingText(action.set, kind) : '';
  return set === '' ? describeStep(action) : `${describeStep(action)}: ${set}`;
}

function causeOf(
  { span, proxy }: TimeSpent,
  workload: string,
  run: Run,
  step: TimelineStep | undefined,
): BlameCause | undefined {
  if (span.kind === 'queue' || span.kind === 'service')
    return step?.action.kind === 'setWorkload'
      ? undefined
      : behaviourCause(run.experiment, workload, span.kind);
  if (span.kind === 'pending')
    return explainFailure(run.mesh, {
      code: 503,
      flags: 'UO',
      proxy: span.at,
      cluster: proxy?.upstream?.cluster ?? '',
      route: '',
      asked: undefined,
    });
  if (span.kind !== 'backoff' && span.kind !== 'fault-delay') return undefined;
  const reason = span.reasons?.find(({ config }) => config !== undefined);
  if (reason?.config === undefined) return undefined;
  const { origins, fieldOrigins } = run.mesh.provenance;
  const origin =
    reason.field === undefined
      ? origins.get(reason.config)
      : fieldOrigins.get(reason.config)?.get(reason.field);
  return (
    origin && {
      object: `${origin.kind} ${origin.name}`,
      at: origin.at,
      setting: settingOf(reason.text),
    }
  );
}

/** What holds for all requests alike. */
function settingOf(reason: string): string {
  return reason.replace(/, \d+ retr(?:y|ies) left$/, '');
}

/** What the scenario says of a workload that decides how long it serves, or lets wait. */
function behaviourCause(
  { scenario, workloadKeys }: Experiment,
  workload: string,
  kind: 'queue' | 'service',
): BlameCause | undefined {
  const named = [...scenario.workloads].filter(
    ([name]) => name === '*' || workloadKeys.get(name) === workload,
  );
  // A workload of its own wins over `*`.
  for (const [name, { keyAt, value }] of named.toSorted(
    ([a], [b]) => Number(a === '*') - Number(b === '*'),
  )) {
    const setting = settingText(value, kind);
    if (setting !== '') return { object: `workloads: ${name}`, at: keyAt, setting };
  }
  return undefined;
}

function settingText(settings: BehaviourSettings, kind: 'queue' | 'service'): string {
  const { concurrency, cpuCores, latency, slowdownShare, warmup, pauses } = settings;
  if (kind === 'queue') return concurrency === undefined ? '' : `concurrency: ${concurrency}`;
  return [
    ...(latency === undefined ? [] : ['latency']),
    ...(cpuCores === undefined ? [] : [`cpu: ${cpuCores}`]),
    ...(slowdownShare === undefined ? [] : ['slowdown']),
    ...(warmup === undefined ? [] : ['warmup']),
    ...(pauses === undefined ? [] : ['pauses']),
  ].join(', ');
}

/** The last step before the request that may have slowed this piece of it down. */
function stepBehind(
  { scenario }: Experiment,
  { span }: TimeSpent,
  workload: string,
  beforeNs: number,
): TimelineStep | undefined {
  const isAbout = (name: string) =>
    name === '*' || workload === name || workload.endsWith(`/${name}`);
  const mayBe = (action: TimelineAction): boolean => {
    switch (action.kind) {
      case 'setWorkload':
        return (
          (span.kind === 'queue' || span.kind === 'service') &&
          isAbout(action.workload.value) &&
          settingText(action.set, span.kind) + settingText(action.set, 'service') !== ''
        );
      case 'setClient':
      case 'lose':
        return span.kind === 'queue' || span.kind === 'pending';
      case 'scale':
      case 'kill':
      case 'rollout':
      case 'drain':
        return span.kind === 'queue' && isAbout(action.workload.value);
      case 'apply':
        return span.kind === 'fault-delay' || span.kind === 'pending' || span.kind === 'backoff';
      case 'network':
        return span.kind === 'network';
      default:
        return false;
    }
  };
  return scenario.timeline.findLast(({ atNs, action }) => atNs <= beforeNs && mayBe(action));
}
