import type { RequestTarget } from '#world/behaviour.ts';
import {
  type ClientRetries,
  type HeaderChoice,
  type Load,
  NO_RETRIES,
  type PathValues,
  type RequestChoice,
  type UserPlan,
} from '#world/load.ts';
import { latencyRef } from './latency-keys.ts';
import { MAX_CLIENTS, MAX_LIST, MAX_USERS } from './limits.ts';
import { load } from './load-keys.ts';
import { requestTarget } from './request-shapes.ts';
import {
  choice,
  duration,
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
  isGiven,
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
  readonly retries: ClientRetries;
  readonly users: UserPlan | undefined;
  readonly keepsCookies: boolean;
  /** Undefined = as the run does. */
  readonly gracefulStopNs: number | undefined;
}

export interface LocatedRequest extends RequestChoice {
  readonly at: ScenarioNode['at'];
}

/** What a timeline step changes of a client. */
export interface ClientChange {
  readonly requests: readonly LocatedRequest[] | undefined;
  readonly load: Load | undefined;
}

const retries: Shape<ClientRetries> = byKind('a number, or {attempts: 3, backoff: 100ms}', {
  scalar: turned(integer(0, 1_000), (count) => ({ ...NO_RETRIES, count })),
  mapping: turned(
    mappingOf('retries', {
      attempts: requiredKey(integer(0, 1_000), 'Tries after the first.'),
      backoff: key(latencyRef, 'The pause before each, a duration or a distribution. Default 0.'),
    }),
    ({ attempts, backoff }): ClientRetries => ({
      count: attempts ?? 0,
      backoff: backoff ?? NO_RETRIES.backoff,
    }),
  ),
});

const population = integer(1, MAX_USERS);

const popularity: Shape<number> = byKind('uniform or {zipf: 1}', {
  scalar: turned(choice('uniform'), () => 0),
  mapping: turned(
    mappingOf('a popularity', {
      zipf: requiredKey(
        numberBetween(0.01, 10),
        'The exponent s: the k-th user sends in proportion to 1/k^s.',
      ),
    }),
    ({ zipf }) => zipf,
  ),
});

const users: Shape<UserPlan> = byKind('a number, or {population: 1000, popularity: {zipf: 1}}', {
  scalar: turned(population, (count) => ({ count, zipfExponent: 0 })),
  mapping: turned(
    mappingOf('users', {
      population: requiredKey(population, 'How many there are.'),
      popularity: key(popularity, 'Who sends how often: uniform (default), or {zipf: 1}.'),
    }),
    (found): UserPlan => ({ count: found.population ?? 1, zipfExponent: found.popularity ?? 0 }),
  ),
});

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
  values: key(values, 'What `{name}` in a path is drawn from; `{user}` is the number of the user.'),
  bytes: key(integer(0, 1e12), 'The size of the body; of a tcp:// session, what the client sends.'),
  duration: key(
    latencyRef,
    'How long the client keeps a tcp:// session, a duration or a distribution. Default: until it is answered.',
  ),
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
  timeout: key(positiveDuration, 'How long the client waits for each try. Default: for ever.'),
  retries: key(
    retries,
    'Tries that the client itself adds after no answer or a 5xx: 2, or {attempts, backoff}.',
  ),
  users: key(
    users,
    'Open loop: who sends, each with connections and cookies of its own: 1000, or {population, popularity}.',
  ),
  cookies: key(flag, 'true: each user sends back the cookies that answers set.'),
  gracefulStop: key(
    duration,
    'How long after the end requests may go on before they are given up. Default 30 s.',
  ),
  ...REQUEST_KEYS,
  load: requiredKey(defined('load', load), 'When requests start.'),
};

type ClientValues = ValuesOf<typeof CLIENT_KEYS>;

export const client: Shape<ClientSettings> = turned(
  mappingOf('a client', CLIENT_KEYS),
  (found, node, report): ClientSettings => {
    usersFit(found, node, report);
    return {
      origin: originOf(found, node, report),
      requests: requestsOf(found, node, report, true),
      load: found.load,
      timeoutNs: found.timeout,
      retries: found.retries ?? NO_RETRIES,
      users: found.users,
      keepsCookies: found.cookies ?? false,
      gracefulStopNs: found.gracefulStop,
    };
  },
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

/** Keys that would be without effect are errors: they would mislead. */
function usersFit(
  { users: plan, cookies, load: found }: ClientValues,
  node: ScenarioNode,
  report: Report,
): void {
  if (found === undefined) return;
  if (plan !== undefined && found.kind === 'closed') {
    const hint = 'concurrency: is the number of users of a closed loop';
    report.error('MS0204', node.at, '"users" belongs to an open loop or a replay', hint);
  }
  if (cookies === true && plan === undefined && found.kind !== 'closed')
    report.error('MS0204', node.at, '"cookies" needs somebody to keep them', 'write users: 1000');
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
  if (requests !== undefined && request === undefined) {
    if (requests.every(({ weight }) => weight === 0))
      report.error('MS0205', node.at, 'none of the requests has a weight');
    return weightedRequests(requests, found, report);
  }
  if (areRequired || request !== undefined) {
    // A request that was written and is wrong was reported already.
    if (!isGiven(node, 'request') || requests !== undefined)
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
      duration:
        found.duration ?? (found.request.value.scheme === 'tcp' ? base.duration : undefined),
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
    else if (name !== 'user')
      report.error(
        'MS0203',
        target.at,
        `"{${name}}" has no values`,
        `write values: {${name}: [1, 2, 3]}`,
      );
  }
  if (found.duration !== undefined && target.value.scheme !== 'tcp')
    report.error('MS0204', target.at, '"duration" belongs to a tcp:// session');
  return {
    weight,
    target: target.value,
    at: target.at,
    headers: headerChoices(found.headers),
    values: drawn,
    bodyBytes: found.bytes ?? 0,
    session: found.duration,
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
