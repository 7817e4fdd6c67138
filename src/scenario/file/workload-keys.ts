import type { Call, CallStep, Errors, RequestPart, RequestTarget } from '#world/behaviour.ts';
import type { Pauses, Warmup } from '#world/work-stretch.ts';
import { headerLines, type LatencyWithRules, latency, requestPart } from './latency-keys.ts';
import { type LifecycleSettings, lifecycle } from './lifecycle-keys.ts';
import { MAX_CONCURRENCY, MAX_LIST, MAX_WORKLOADS } from './limits.ts';
import { requestTarget } from './request-shapes.ts';
import {
  choice,
  flag,
  headerValue,
  integer,
  numberBetween,
  positiveDuration,
  share,
  text,
} from './scalar-shapes.ts';
import type { ScenarioNode } from './scenario-node.ts';
import {
  byKind,
  defined,
  key,
  type Located,
  listOf,
  mapOf,
  mappingOf,
  type Named,
  type Report,
  requiredKey,
  type Shape,
  turned,
} from './shape.ts';

/** What the scenario says of a workload's instances; what is undefined comes from `*` or the default. */
export interface BehaviourSettings {
  readonly latency: LatencyWithRules | undefined;
  readonly concurrency: number | undefined;
  readonly queue: number | undefined;
  readonly overloadStatus: number | undefined;
  readonly queueOrder: 'fifo' | 'lifo' | undefined;
  readonly maxWaitNs: number | undefined;
  readonly stopsForCaller: boolean | undefined;
  readonly slowdownShare: number | undefined;
  readonly cpuCores: number | undefined;
  readonly warmup: Warmup | undefined;
  readonly pauses: Pauses | undefined;
  readonly listensLocally: boolean | undefined;
  readonly keepAliveNs: number | undefined;
  readonly errors: Errors | undefined;
  readonly calls: readonly LocatedCallStep[] | undefined;
  readonly forward: readonly string[] | 'none' | undefined;
}

export interface WorkloadSettings extends BehaviourSettings {
  readonly hasSidecar: boolean | undefined;
  readonly lifecycle: LifecycleSettings | undefined;
  readonly pods: ReadonlyMap<string, Named<BehaviourSettings>>;
}

/** What a timeline step changes of pods. */
export interface PodChange extends BehaviourSettings {
  /** What their readiness probes find from now on. */
  readonly isReady: boolean | undefined;
}

/** What a timeline step changes of a workload. */
export interface WorkloadChange extends PodChange {
  readonly pods: ReadonlyMap<string, Named<PodChange>>;
}

export interface ExternalSettings extends BehaviourSettings {
  /** Whether its name can be resolved. */
  readonly dns: 'ok' | 'fail' | undefined;
}

/** A step whose requests remember where they are written. */
export interface LocatedCallStep extends CallStep {
  readonly calls: readonly LocatedCall[];
}

export interface LocatedCall extends Call {
  readonly at: ScenarioNode['at'];
}

const HTTP_STATUS = integer(200, 599);

const errors: Shape<Errors> = turned(
  mapOf('a status, reset, hang or refuse', share, MAX_LIST),
  errorsOf,
);

const onError: Shape<Call['onError']> = {
  expects: '"fail", "ignore" or a status',
  jsonSchema: { anyOf: [{ enum: ['fail', 'ignore'] }, HTTP_STATUS.jsonSchema] },
  read(node, report) {
    const value = node.kind === 'scalar' ? node.value : undefined;
    if (value === 'fail' || value === 'ignore') return value;
    return typeof value === 'number' ? HTTP_STATUS.read(node, report) : report.wanted(this, node);
  },
};

const CALL_KEYS = {
  request: requiredKey(requestTarget, 'METHOD URL; names resolve from the caller’s namespace.'),
  headers: key(mapOf('a header', headerValue, MAX_LIST), 'Headers that the application sets.'),
  timeout: key(positiveDuration, 'The application’s own timeout.'),
  retries: key(integer(0, 1_000), 'Attempts the application adds after a failed one.'),
  when: key(
    requestPart,
    'Only while such a request is served: {path: /checkout}, {method: POST}, {headers: …}.',
  ),
  chance: key(share, 'How often the call is made at all.'),
  times: key(integer(1, 100_000), 'How often in a row.'),
  onError: key(
    onError,
    'What a failed call does: "fail" (default), "ignore", or a status to answer.',
  ),
};

const plainCall: Shape<LocatedCall> = turned(requestTarget, (target) => callOf(target, {}));

const keyedCall: Shape<LocatedCall | undefined> = turned(
  mappingOf('a call', CALL_KEYS),
  ({ request, headers, ...rest }) =>
    request === undefined ? undefined : callOf(request, { ...rest, headers: headerLines(headers) }),
);

const oneCall: Shape<LocatedCall | undefined> = byKind('a request such as GET http://stock/item', {
  scalar: plainCall,
  mapping: keyedCall,
});

const parallel = turned(
  mappingOf('a parallel step', {
    parallel: requiredKey(listOf(oneCall, MAX_LIST), 'Calls made together.'),
  }),
  (values): LocatedCallStep => ({ calls: known(values.parallel ?? []) }),
);

/** One step of `calls:`. */
export const callStep: Shape<LocatedCallStep> = {
  expects: 'a request such as GET http://stock/item, {request: …} or {parallel: […]}',
  get jsonSchema() {
    return { anyOf: [plainCall.jsonSchema, keyedCall.jsonSchema, parallel.jsonSchema] };
  },
  read(node, report) {
    if (node.kind === 'mapping' && node.entries.has('parallel')) return parallel.read(node, report);
    const call = oneCall.read(node, report);
    return call === undefined ? undefined : { calls: [call] };
  },
};

const warmup: Shape<Warmup> = turned(
  mappingOf('a warm-up', {
    for: requiredKey(positiveDuration, 'How long a new pod is slower than later.'),
    factor: key(numberBetween(1, 1e6), 'How much slower it is at first. Default 5.'),
  }),
  (found): Warmup => ({ forNs: found.for ?? 0, factor: found.factor ?? 5 }),
);

const pauses: Shape<Pauses | undefined> = turned(
  mappingOf('pauses', {
    every: requiredKey(positiveDuration, 'One pause in each such stretch of time.'),
    for: requiredKey(positiveDuration, 'How long everything stands still.'),
  }),
  (found, node, report): Pauses | undefined => {
    const { every, for: length } = found;
    if (every === undefined || length === undefined) return undefined;
    if (length < every) return { everyNs: every, forNs: length };
    return report.error('MS0205', node.at, 'pauses leave no time between them');
  },
);

const forward: Shape<readonly string[] | 'none'> = byKind<readonly string[] | 'none'>(
  'a list of header names, or none',
  { scalar: choice('none'), sequence: listOf(text, MAX_LIST) },
);

const BEHAVIOUR_KEYS = {
  latency: key(
    defined('workloadLatency', latency),
    'How long one request takes, calls not counted. Default 10 ms.',
  ),
  concurrency: key(
    integer(1, MAX_CONCURRENCY),
    'Requests one instance serves at once. Default: no limit.',
  ),
  queue: key(
    integer(0, 1_000_000_000),
    'Requests that may wait in one instance. Default: no limit.',
  ),
  overload: key(HTTP_STATUS, 'The status answered when the waiting room is full. Default 503.'),
  queueOrder: key(
    choice('fifo', 'lifo'),
    'Who is served first: who waited longest (default), or who came last; then a full room turns the oldest away.',
  ),
  maxWait: key(positiveDuration, 'Who waited longer is turned away with the status of `overload`.'),
  cancel: key(flag, 'true: work stops when the caller gives up. Default: it goes on.'),
  slowdown: key(share, 'What every further request under way adds to the latency: 5%.'),
  cpu: key(
    numberBetween(0.001, 1e6),
    'Cores that all requests of a pod share: 0.5. Default: no limit.',
  ),
  warmup: key(warmup, 'New pods are slow at first.'),
  pauses: key(pauses, 'Pods stand still now and then, as in garbage collection.'),
  listen: key(
    choice('all', 'localhost'),
    'Where the application listens: "localhost" hears its sidecar by 127.0.0.1 alone. Default "all".',
  ),
  keepAlive: key(positiveDuration, 'The application closes connections idle for so long.'),
  errors: key(errors, 'Shares of statuses and of reset, hang, refuse; the rest is 200.'),
  calls: key(
    listOf(defined('callStep', callStep), MAX_LIST),
    'Calls made while serving, in order.',
  ),
  forward: key(
    forward,
    'Request headers handed on to calls, beside those of tracing; `none`: not even those.',
  ),
};

const behaviour: Shape<BehaviourSettings> = turned(
  mappingOf('a workload', BEHAVIOUR_KEYS),
  behaviourOf,
);

const PODS_KEY = key(mapOf('a pod', behaviour, MAX_WORKLOADS), 'Settings of single pods.');

const workload: Shape<WorkloadSettings> = turned(
  mappingOf('a workload', {
    ...BEHAVIOUR_KEYS,
    sidecar: key(flag, 'false takes the sidecar away.'),
    lifecycle: key(lifecycle, 'How its pods begin and end.'),
    pods: PODS_KEY,
  }),
  (values): WorkloadSettings => ({
    ...behaviourOf(values),
    hasSidecar: values.sidecar,
    lifecycle: values.lifecycle,
    pods: values.pods ?? new Map(),
  }),
);

/** `workloads:` */
export const workloads = mapOf('a workload', workload, MAX_WORKLOADS);

const CHANGE_KEYS = {
  ...BEHAVIOUR_KEYS,
  ready: key(flag, 'false: its readiness probes fail from now on; true: they succeed again.'),
};

const podChange: Shape<PodChange> = turned(
  mappingOf('a pod', CHANGE_KEYS),
  ({ ready, ...values }) => ({ ...behaviourOf(values), isReady: ready }),
);

/** `set:` of a workload in the timeline. */
export const workloadChange: Shape<WorkloadChange> = turned(
  mappingOf('a workload', {
    ...CHANGE_KEYS,
    pods: key(mapOf('a pod', podChange, MAX_WORKLOADS), 'Settings of single pods.'),
  }),
  ({ ready, pods, ...values }): WorkloadChange => ({
    ...behaviourOf(values),
    isReady: ready,
    pods: pods ?? new Map(),
  }),
);

/** `external:` hosts behave like workloads that call nobody. */
export const externalHost: Shape<ExternalSettings> = turned(
  mappingOf('an external host', {
    latency: BEHAVIOUR_KEYS.latency,
    concurrency: BEHAVIOUR_KEYS.concurrency,
    queue: BEHAVIOUR_KEYS.queue,
    overload: BEHAVIOUR_KEYS.overload,
    slowdown: BEHAVIOUR_KEYS.slowdown,
    keepAlive: BEHAVIOUR_KEYS.keepAlive,
    errors: BEHAVIOUR_KEYS.errors,
    dns: key(choice('ok', 'fail'), '"fail": nobody can resolve its name. Default "ok".'),
  }),
  (values): ExternalSettings => ({
    ...behaviourOf({
      ...values,
      queueOrder: undefined,
      maxWait: undefined,
      cancel: undefined,
      cpu: undefined,
      warmup: undefined,
      pauses: undefined,
      listen: undefined,
      calls: undefined,
      forward: undefined,
    }),
    dns: values.dns,
  }),
);

interface BehaviourValues {
  readonly latency: LatencyWithRules | undefined;
  readonly concurrency: number | undefined;
  readonly queue: number | undefined;
  readonly overload: number | undefined;
  readonly queueOrder: 'fifo' | 'lifo' | undefined;
  readonly maxWait: number | undefined;
  readonly cancel: boolean | undefined;
  readonly slowdown: number | undefined;
  readonly cpu: number | undefined;
  readonly warmup: Warmup | undefined;
  readonly pauses: Pauses | undefined;
  readonly listen: 'all' | 'localhost' | undefined;
  readonly keepAlive: number | undefined;
  readonly errors: Errors | undefined;
  readonly calls: readonly LocatedCallStep[] | undefined;
  readonly forward: readonly string[] | 'none' | undefined;
}

function behaviourOf(values: BehaviourValues): BehaviourSettings {
  const { latency, concurrency, queue, overload, errors, calls, forward } = values;
  const names = forward === 'none' ? forward : forward?.map((name) => name.toLowerCase());
  return {
    latency,
    concurrency,
    queue,
    overloadStatus: overload,
    queueOrder: values.queueOrder,
    maxWaitNs: values.maxWait,
    stopsForCaller: values.cancel,
    slowdownShare: values.slowdown,
    cpuCores: values.cpu,
    warmup: values.warmup,
    pauses: values.pauses,
    listensLocally: values.listen === undefined ? undefined : values.listen === 'localhost',
    keepAliveNs: values.keepAlive,
    errors,
    calls,
    forward: names,
  };
}

interface CallOptions {
  readonly headers?: Call['headers'];
  readonly timeout?: number | undefined;
  readonly retries?: number | undefined;
  readonly when?: RequestPart | undefined;
  readonly chance?: number | undefined;
  readonly times?: number | undefined;
  readonly onError?: Call['onError'] | undefined;
}

function callOf(target: Located<RequestTarget>, options: CallOptions): LocatedCall {
  return {
    target: target.value,
    at: target.at,
    headers: options.headers ?? [],
    timeoutNs: options.timeout,
    retries: options.retries ?? 0,
    when: options.when,
    chance: options.chance ?? 1,
    times: options.times ?? 1,
    onError: options.onError ?? 'fail',
  };
}

function errorsOf(
  entries: ReadonlyMap<string, Named<number>>,
  node: ScenarioNode,
  report: Report,
): Errors {
  const statuses: { readonly status: number; readonly share: number }[] = [];
  let sum = 0;
  for (const [name, { value, keyAt }] of entries) {
    sum += value;
    const status = /^[2-5]\d\d$/.test(name) ? Number(name) : undefined;
    if (status !== undefined) statuses.push({ status, share: value });
    else if (name !== 'reset' && name !== 'hang' && name !== 'refuse') {
      const hint = 'write a status from 200 to 599, reset, hang or refuse';
      report.error('MS0201', keyAt, `unknown kind of error "${name}"`, hint);
    }
  }
  if (sum > 1 + 1e-9) {
    report.error(
      'MS0205',
      node.at,
      `the shares add up to ${Math.round(sum * 10_000) / 100}%, more than 100%`,
    );
  }
  return {
    statuses,
    resetShare: entries.get('reset')?.value ?? 0,
    hangShare: entries.get('hang')?.value ?? 0,
    refuseShare: entries.get('refuse')?.value ?? 0,
  };
}

function known<T>(values: readonly (T | undefined)[]): readonly T[] {
  return values.flatMap((value) => (value === undefined ? [] : [value]));
}
