import { NS_PER_SECOND, parseDuration } from '#source/duration.ts';
import type { RequestTarget } from '#world/behaviour.ts';
import type { HeaderChoice, Load, PathValues, RequestChoice, Stage } from '#world/load.ts';
import { MAX_CLIENTS, MAX_CONCURRENCY, MAX_LIST, MAX_REQUESTS, MAX_SAMPLES } from './limits.ts';
import { requestTarget } from './request-shapes.ts';
import {
  choice,
  duration,
  flag,
  headerValue,
  integer,
  numberBetween,
  positiveDuration,
  ratePerSecond,
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
  located,
  mapOf,
  mappingOf,
  type Named,
  type Report,
  requiredKey,
  type Shape,
  turned,
  type ValuesOf,
} from './shape.ts';

export interface ClientSettings {
  /** Where it sits: in a pod of a workload, or outside in front of a gateway. */
  readonly origin:
    | { readonly kind: 'from'; readonly workload: Located<string>; readonly hasSidecar: boolean }
    | { readonly kind: 'through'; readonly gateway: Located<string> }
    | undefined;
  readonly requests: readonly LocatedRequest[];
  readonly load: Load | undefined;
  readonly timeoutNs: number | undefined;
}

export interface LocatedRequest extends RequestChoice {
  readonly at: ScenarioNode['at'];
}

/** What a timeline step changes of a client. */
export interface ClientChange {
  readonly requests: readonly LocatedRequest[] | undefined;
  readonly load: Load | undefined;
}

const requestCount = integer(1, MAX_REQUESTS);

const stage = mappingOf('a stage', {
  rate: key(ratePerSecond, 'The rate during the stage.'),
  ramp: key(ratePerSecond, 'The rate at its end, reached in a straight line from the former one.'),
  for: requiredKey(positiveDuration, 'How long it lasts.'),
});

const LOAD_KEYS = {
  rate: key(ratePerSecond, 'Open loop: requests start at this rate, whatever the answers do.'),
  arrivals: key(
    choice('poisson', 'constant', 'bursty'),
    'How arrivals are spaced: memoryless (default), evenly, or in bursts.',
  ),
  stages: key(listOf(stage, MAX_LIST), 'Open loop with a rate that changes.'),
  concurrency: key(
    integer(1, MAX_CONCURRENCY),
    'Closed loop: users, each with a connection of its own.',
  ),
  think: key(duration, 'Closed loop: the pause of a user after an answer.'),
  requests: key(requestCount, 'How many requests in all. Alone: one user, back to back.'),
  replay: key(located(text), 'A file with one moment a line: 12ms, 1.5s.'),
};

type LoadValues = ValuesOf<typeof LOAD_KEYS>;

export const load: Shape<Load> = turned(mappingOf('a load', LOAD_KEYS), loadOf);

const headerChoice: Shape<readonly { readonly value: string; readonly share: number }[]> = byKind(
  'a value, or values with their shares: {internal: 2%, "": 98%}',
  {
    scalar: turned(headerValue, (value) => [{ value, share: 1 }]),
    mapping: turned(mapOf('a value', share, MAX_LIST), sharesOf),
  },
);

const headers = mapOf('a header', headerChoice, MAX_LIST);
const values = mapOf('a name', listOf(headerValue, MAX_LIST), MAX_LIST);

const REQUEST_KEYS = {
  headers: key(headers, 'Values, or values with shares drawn per request; "" is not sent.'),
  values: key(values, 'What `{name}` in a path is drawn from.'),
  bytes: key(integer(0, 1e12), 'The size of the body.'),
  duration: key(positiveDuration, 'How long a tcp:// session lasts.'),
};

export const weightedRequest = mappingOf('a request', {
  request: requiredKey(requestTarget, 'METHOD URL'),
  weight: key(numberBetween(0, 1e9), 'Its share, relative to the others. Default 1.'),
  ...REQUEST_KEYS,
});

type RequestValues = Pick<ValuesOf<typeof REQUEST_KEYS>, keyof typeof REQUEST_KEYS>;

const CLIENT_KEYS = {
  from: key(located(text), 'A workload; its ready pods send in turn.'),
  through: key(located(text), 'A gateway; requests come from outside, to its ready pods in turn.'),
  sidecar: key(flag, 'false takes the sidecar of a `from` client away.'),
  request: key(requestTarget, 'METHOD URL; the URL decides where it goes.'),
  requests: key(
    listOf(defined('request', weightedRequest), MAX_LIST),
    'Several requests by weight.',
  ),
  timeout: key(positiveDuration, 'How long the client waits. Default: for ever.'),
  ...REQUEST_KEYS,
  load: requiredKey(defined('load', load), 'When requests start.'),
};

type ClientValues = ValuesOf<typeof CLIENT_KEYS>;

export const client: Shape<ClientSettings> = turned(
  mappingOf('a client', CLIENT_KEYS),
  (found, node, report): ClientSettings => ({
    origin: originOf(found, node, report),
    requests: requestsOf(found, node, report, true),
    load: found.load,
    timeoutNs: found.timeout,
  }),
);

/** `clients:` */
export const clients = mapOf('a client', client, MAX_CLIENTS);

/** `set:` of a client in the timeline. */
export const clientChange: Shape<ClientChange> = turned(
  mappingOf('a client', {
    request: CLIENT_KEYS.request,
    requests: CLIENT_KEYS.requests,
    load: key(defined('load', load), 'When requests start from now on.'),
    ...REQUEST_KEYS,
  }),
  (found, node, report): ClientChange => {
    const requests = requestsOf(found, node, report, false);
    return { requests: requests.length === 0 ? undefined : requests, load: found.load };
  },
);

function originOf(
  found: ClientValues,
  node: ScenarioNode,
  report: Report,
): ClientSettings['origin'] {
  const { from, through, sidecar } = found;
  if (from !== undefined && through === undefined)
    return { kind: 'from', workload: from, hasSidecar: sidecar ?? true };
  if (through !== undefined && from === undefined) {
    if (sidecar === undefined) return { kind: 'through', gateway: through };
    return report.error(
      'MS0204',
      node.at,
      'a client from outside has no sidecar: leave "sidecar" out',
    );
  }
  const hint = 'from: WORKLOAD sends inside the mesh, through: GATEWAY from outside';
  return report.error('MS0204', node.at, 'a client needs either "from" or "through"', hint);
}

type RequestsSource = RequestValues & Pick<ClientValues, 'request' | 'requests'>;

function requestsOf(
  found: RequestsSource,
  node: ScenarioNode,
  report: Report,
  areRequired: boolean,
): readonly LocatedRequest[] {
  const { request, requests } = found;
  if (request !== undefined && requests === undefined)
    return [requestOf(request, 1, found, report)];
  if (requests !== undefined && request === undefined)
    return weightedRequests(requests, found, report);
  if (areRequired || request !== undefined) {
    // A request that was written and is wrong was reported already.
    const isWritten = node.kind === 'mapping' && node.entries.has('request');
    if (!isWritten || requests !== undefined)
      report.error('MS0204', node.at, 'a client needs either "request" or "requests"');
  }
  return [];
}

function weightedRequests(
  requests: readonly ValuesOf<
    { request: typeof CLIENT_KEYS.request; weight: typeof WEIGHT_KEY } & typeof REQUEST_KEYS
  >[],
  base: RequestValues,
  report: Report,
): readonly LocatedRequest[] {
  const all: LocatedRequest[] = [];
  for (const found of requests) {
    if (found.request === undefined) continue;
    const own = {
      headers: new Map([...(base.headers ?? []), ...(found.headers ?? [])]),
      values: new Map([...(base.values ?? []), ...(found.values ?? [])]),
      bytes: found.bytes ?? base.bytes,
      duration: found.duration ?? base.duration,
    };
    all.push(requestOf(found.request, found.weight ?? 1, own, report));
  }
  return all;
}

const WEIGHT_KEY = key(numberBetween(0, 1e9), '');

function requestOf(
  target: Located<RequestTarget>,
  weight: number,
  found: RequestValues,
  report: Report,
): LocatedRequest {
  const names = [...target.value.path.matchAll(/\{([\w-]+)\}/g)].map((match) => match[1]!);
  const drawn: PathValues[] = [];
  for (const name of new Set(names)) {
    const given = found.values?.get(name);
    if (given !== undefined) drawn.push({ name, values: given.value });
    else
      report.error(
        'MS0203',
        target.at,
        `"{${name}}" has no values`,
        `write values: {${name}: [1, 2, 3]}`,
      );
  }
  return {
    weight,
    target: target.value,
    at: target.at,
    headers: headerChoices(found.headers),
    values: drawn,
    bodyBytes: found.bytes ?? 0,
    sessionNs: found.duration ?? 0,
  };
}

function headerChoices(
  found: ReadonlyMap<string, Named<HeaderChoice['values']>> | undefined,
): readonly HeaderChoice[] {
  return [...(found ?? [])].map(([name, { value }]) => ({
    name: name.toLowerCase(),
    values: value,
  }));
}

function sharesOf(
  found: ReadonlyMap<string, Named<number>>,
  node: ScenarioNode,
  report: Report,
): HeaderChoice['values'] | undefined {
  const shares = [...found].map(([value, named]) => ({ value, share: named.value }));
  const sum = shares.reduce((total, one) => total + one.share, 0);
  if (Math.abs(sum - 1) < 1e-9) return shares;
  const percent = Math.round(sum * 10_000) / 100;
  const hint =
    sum < 1 ? `add "": ${Math.round((1 - sum) * 10_000) / 100}% for "not sent"` : undefined;
  return report.error('MS0205', node.at, `the shares add up to ${percent}%, not to 100%`, hint);
}

function loadOf(found: LoadValues, node: ScenarioNode, report: Report): Load | undefined {
  const { rate, stages, concurrency, requests, replay } = found;
  const kinds = [rate, stages, concurrency, replay].filter((it) => it !== undefined).length;
  if (kinds > 1 || (kinds === 0 && requests === undefined)) {
    const hint =
      'write {rate: 50/s}, {stages: […]}, {concurrency: 2}, {requests: 100} or {replay: FILE}';
    return report.error('MS0204', node.at, 'a load is open loop, closed loop or a replay', hint);
  }
  if (!keysFit(found, node, report)) return undefined;
  if (replay !== undefined) return replayOf(replay, report);
  const requestCount = requests ?? Number.POSITIVE_INFINITY;
  if (rate !== undefined || stages !== undefined) {
    const list = stages === undefined ? endless(rate ?? 0) : stagesOf(stages, node, report);
    const arrivals = found.arrivals ?? 'poisson';
    return list && { kind: 'open', stages: list, arrivals, requestCount };
  }
  return { kind: 'closed', userCount: concurrency ?? 1, thinkNs: found.think ?? 0, requestCount };
}

/** Keys that would be without effect are errors: they would mislead. */
function keysFit(found: LoadValues, node: ScenarioNode, report: Report): boolean {
  const isOpen = found.rate !== undefined || found.stages !== undefined;
  if (found.arrivals !== undefined && !isOpen) {
    report.error('MS0204', node.at, '"arrivals" belongs to an open loop: {rate, arrivals}');
    return false;
  }
  if (found.think !== undefined && (isOpen || found.replay !== undefined)) {
    report.error('MS0204', node.at, '"think" belongs to a closed loop: {concurrency, think}');
    return false;
  }
  return true;
}

function endless(perSecond: number): readonly Stage[] {
  return [
    { fromPerSecond: perSecond, toPerSecond: perSecond, durationNs: Number.POSITIVE_INFINITY },
  ];
}

function stagesOf(
  found: NonNullable<LoadValues['stages']>,
  node: ScenarioNode,
  report: Report,
): readonly Stage[] | undefined {
  const stages: Stage[] = [];
  let former = 0;
  for (const one of found) {
    if (one.for === undefined) continue;
    if ((one.rate === undefined) === (one.ramp === undefined)) {
      const hint = 'write {rate: 50/s, for: 30s} or {ramp: 200/s, for: 60s}';
      return report.error('MS0204', one.node.at, 'a stage has either "rate" or "ramp"', hint);
    }
    const toPerSecond = one.rate ?? one.ramp ?? 0;
    stages.push({ fromPerSecond: one.rate ?? former, toPerSecond, durationNs: one.for });
    former = toPerSecond;
  }
  return stages.length > 0 ? stages : report.error('MS0205', node.at, 'stages: is empty');
}

function replayOf(file: Located<string>, report: Report): Load | undefined {
  const content = report.readNamedFile(file.value, file.at, report);
  if (content === undefined) return undefined;
  const lines = content.split('\n').map((line) => line.trim());
  const words = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (words.length > MAX_SAMPLES)
    return report.error(
      'MS0209',
      file.at,
      `${file.value} has ${words.length} moments; at most ${MAX_SAMPLES} are read`,
    );
  const atNs: number[] = [];
  for (const word of words) {
    const ns =
      parseDuration(word) ?? (/^\d+(\.\d+)?$/.test(word) ? Number(word) * NS_PER_SECOND : -1);
    if (ns < 0)
      return report.error('MS0202', file.at, `${file.value}: "${word}" is no moment such as 1.5s`);
    atNs.push(Math.floor(ns));
  }
  atNs.sort((a, b) => a - b);
  return { kind: 'replay', atNs };
}
