import type { Latency } from '#world/latency.ts';
import type { Arrivals, Burst, Load, Stage, UserStage } from '#world/load.ts';
import { latencyRef } from './latency-keys.ts';
import { MAX_CONCURRENCY, MAX_LIST, MAX_REQUESTS, MAX_SAMPLES } from './limits.ts';
import { readReplay } from './replay-file.ts';
import { choice, integer, positiveDuration, ratePerSecond, text } from './scalar-shapes.ts';
import type { ScenarioNode } from './scenario-node.ts';
import {
  byKind,
  isGiven,
  key,
  type Located,
  listOf,
  located,
  mappingOf,
  type Report,
  requiredKey,
  type Shape,
  turned,
  type ValuesOf,
} from './shape.ts';

/** Where a ramp goes: a rate with its unit, or a number of users. */
type RampEnd =
  | { readonly kind: 'rate'; readonly perSecond: number }
  | { readonly kind: 'users'; readonly count: number };

const users = integer(0, MAX_CONCURRENCY);

const rampEnd: Shape<RampEnd> = {
  expects: 'a rate such as 200/s, or a number of users',
  jsonSchema: { anyOf: [ratePerSecond.jsonSchema, users.jsonSchema] },
  read(node, report) {
    if (node.kind === 'scalar' && typeof node.value === 'number') {
      const count = users.read(node, report);
      return count === undefined ? undefined : { kind: 'users', count };
    }
    const perSecond = ratePerSecond.read(node, report);
    return perSecond === undefined ? undefined : { kind: 'rate', perSecond };
  },
};

const stage = mappingOf('a stage', {
  rate: key(ratePerSecond, 'The rate during the stage.'),
  concurrency: key(users, 'Closed loop: the number of users during the stage.'),
  ramp: key(
    rampEnd,
    'The rate (200/s) or number of users (20) at its end, reached in a straight line from the former one.',
  ),
  for: requiredKey(positiveDuration, 'How long it lasts.'),
});

type StageValues = NonNullable<ReturnType<typeof stage.read>>;

const burst = mappingOf('bursts', {
  on: requiredKey(positiveDuration, 'How long requests arrive, memoryless.'),
  off: requiredKey(positiveDuration, 'How long none does.'),
});

interface Spacing {
  readonly arrivals: Arrivals;
  readonly burst: Burst | undefined;
}

const spacing: Shape<Spacing> = byKind<Spacing>('poisson, constant, bursty, or {on: 2s, off: 8s}', {
  scalar: turned(choice('poisson', 'constant', 'bursty'), (arrivals) => ({
    arrivals,
    burst: undefined,
  })),
  mapping: turned(burst, ({ on, off }) =>
    on === undefined || off === undefined
      ? undefined
      : { arrivals: 'poisson', burst: { onNs: on, offNs: off } },
  ),
});

const LOAD_KEYS = {
  rate: key(ratePerSecond, 'Open loop: requests start at this rate, whatever the answers do.'),
  arrivals: key(
    spacing,
    'How arrivals are spaced: memoryless (default), evenly, in bursts, or on and off; `rate` is the mean.',
  ),
  maxConcurrency: key(
    integer(1, MAX_CONCURRENCY),
    'Open loop: an arrival that finds so many requests open is dropped, and counted. Default: no limit.',
  ),
  stages: key(
    listOf(stage, MAX_LIST),
    'A rate, or a number of users, that changes: [{rate: 50/s, for: 30s}, {ramp: 200/s, for: 60s}].',
  ),
  concurrency: key(
    integer(1, MAX_CONCURRENCY),
    'Closed loop: users, each with a connection of its own.',
  ),
  think: key(
    latencyRef,
    'Closed loop: the pause of a user after an answer, a duration or a distribution.',
  ),
  requests: key(
    integer(1, MAX_REQUESTS),
    'How many requests in all. Alone: one user, back to back.',
  ),
  replay: key(
    located(text),
    'A log: one moment a line (12ms, 1.5s), or CSV or NDJSON with time, method, path, authority.',
  ),
};

type LoadValues = ValuesOf<typeof LOAD_KEYS>;

/** `load:` */
export const load: Shape<Load> = turned(mappingOf('a load', LOAD_KEYS), loadOf);

/** How long a load lasts by itself; undefined = as long as the run. */
export function loadNs(found: Load | undefined): number | undefined {
  if (found === undefined || found.kind === 'replay') return undefined;
  let ns = 0;
  for (const { durationNs } of found.stages) ns += durationNs;
  return Number.isFinite(ns) ? ns : undefined;
}

/** Keys of which a load has one. */
const KINDS = ['rate', 'stages', 'concurrency', 'requests', 'replay'] as const;

function loadOf(found: LoadValues, node: ScenarioNode, report: Report): Load | undefined {
  const { rate, stages, concurrency, requests, replay } = found;
  const kinds = [rate, stages, concurrency, replay].filter((it) => it !== undefined).length;
  const isBroken = KINDS.some((name) => isGiven(node, name) && found[name] === undefined);
  if (isBroken) return undefined; // That has been said.
  if (kinds > 1 || (kinds === 0 && requests === undefined)) {
    const hint =
      'write {rate: 50/s}, {stages: […]}, {concurrency: 2}, {requests: 100} or {replay: FILE}';
    return report.error('MS0204', node.at, 'a load is open loop, closed loop or a replay', hint);
  }
  const isClosed = replay === undefined && rate === undefined && !hasRates(stages ?? []);
  if (!keysFit(found, isClosed, node, report)) return undefined;
  if (replay !== undefined) return replayOf(replay, report);
  const requestCount = requests ?? Number.POSITIVE_INFINITY;
  if (isClosed) {
    const list =
      stages === undefined ? lasting(concurrency ?? 1) : userStages(stages, node, report);
    return list && { kind: 'closed', stages: list, think: found.think ?? NO_PAUSE, requestCount };
  }
  const list = stages === undefined ? endless(rate ?? 0) : rateStages(stages, node, report);
  const { arrivals, burst: bursts } = found.arrivals ?? POISSON;
  const maxOpen = found.maxConcurrency ?? Number.POSITIVE_INFINITY;
  return list && { kind: 'open', stages: list, arrivals, burst: bursts, requestCount, maxOpen };
}

const NO_PAUSE: Latency = { kind: 'constant', ns: 0 };
const POISSON: Spacing = { arrivals: 'poisson', burst: undefined };

/** Keys that would be without effect are errors: they would mislead. */
function keysFit(
  found: LoadValues,
  isClosed: boolean,
  node: ScenarioNode,
  report: Report,
): boolean {
  const isOpen = !isClosed && found.replay === undefined;
  const wrong =
    found.arrivals !== undefined && !isOpen
      ? '"arrivals" belongs to an open loop: {rate, arrivals}'
      : found.maxConcurrency !== undefined && !isOpen
        ? '"maxConcurrency" belongs to an open loop: {rate, maxConcurrency}'
        : found.think !== undefined && !isClosed
          ? '"think" belongs to a closed loop: {concurrency, think}'
          : undefined;
  if (wrong !== undefined) report.error('MS0204', node.at, wrong);
  return wrong === undefined;
}

/** Stages are of rates unless one speaks of users. */
function hasRates(stages: readonly StageValues[]): boolean {
  const isOfUsers = ({ concurrency, ramp }: StageValues): boolean =>
    concurrency !== undefined || (ramp?.kind === 'users' && ramp.count > 0);
  return stages.length > 0 && !stages.some(isOfUsers);
}

function endless(perSecond: number): readonly Stage[] {
  const durationNs = Number.POSITIVE_INFINITY;
  return [{ fromPerSecond: perSecond, toPerSecond: perSecond, durationNs }];
}

function lasting(count: number): readonly UserStage[] {
  return [{ from: count, to: count, durationNs: Number.POSITIVE_INFINITY }];
}

function rateStages(
  found: readonly StageValues[],
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
    const end = one.ramp?.kind === 'rate' ? one.ramp.perSecond : 0;
    const toPerSecond = one.rate ?? end;
    stages.push({ fromPerSecond: one.rate ?? former, toPerSecond, durationNs: one.for });
    former = toPerSecond;
  }
  return stages.length > 0 ? stages : report.error('MS0205', node.at, 'stages: is empty');
}

function userStages(
  found: readonly StageValues[],
  node: ScenarioNode,
  report: Report,
): readonly UserStage[] | undefined {
  const stages: UserStage[] = [];
  let former = 0;
  for (const one of found) {
    if (one.for === undefined) continue;
    const ramp = one.ramp?.kind === 'users' ? one.ramp.count : undefined;
    if (one.rate !== undefined || one.ramp?.kind === 'rate') {
      const hint =
        'stages are of rates or of users: {concurrency: 5, for: 30s}, {ramp: 20, for: 60s}';
      return report.error('MS0204', one.node.at, 'a rate among stages of users', hint);
    }
    if ((one.concurrency === undefined) === (ramp === undefined)) {
      const hint = 'write {concurrency: 5, for: 30s} or {ramp: 20, for: 60s}';
      return report.error(
        'MS0204',
        one.node.at,
        'a stage has either "concurrency" or "ramp"',
        hint,
      );
    }
    const to = one.concurrency ?? ramp ?? 0;
    stages.push({ from: one.concurrency ?? former, to, durationNs: one.for });
    former = to;
  }
  return stages.length > 0 ? stages : report.error('MS0205', node.at, 'stages: is empty');
}

function replayOf(file: Located<string>, report: Report): Load | undefined {
  const content = report.readNamedFile(file.value, file.at, report);
  if (content === undefined) return undefined;
  const read = readReplay(content, MAX_SAMPLES);
  if ('entries' in read) return { kind: 'replay', entries: read.entries };
  return report.error('MS0202', file.at, `${file.value}:${read.line}: ${read.problem}`, read.hint);
}
