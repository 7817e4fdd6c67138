/**
 * The form of an Envoy-level case: of what is the case's own, as Envoy's configuration inside it has readers
 * of its own (`#xds/read.ts`). What `case-file.ts` says in types is asked here of a file that somebody wrote.
 */

/** What is wrong, and where. */
export interface FormProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong with a case as it was read from JSON; nothing when it can run. */
export function caseFormProblems(value: unknown): readonly FormProblem[] {
  const problems: FormProblem[] = [];
  whole(value, [], problems);
  return problems;
}

/** More requests than any case wants: a load of them would not come to an end. */
const MAX_REQUESTS = 10_000_000;
const MAX_SECONDS = 1e6;
const MAX_RUNS = 1_000;
const MAX_WORKERS = 1_024;

type Path = FormProblem['path'];
type Form = (value: unknown, path: Path, problems: FormProblem[]) => void;

/** The form of a value that may be left out. */
interface Optional {
  readonly optional: Form;
}

const text: Form = (value, path, problems) => {
  if (typeof value !== 'string') problems.push(wanted('a text', value, path));
};

const flag: Form = (value, path, problems) => {
  if (typeof value !== 'boolean') problems.push(wanted('true or false', value, path));
};

function number(min: number, max: number): Form {
  return (value, path, problems) => {
    const fits = typeof value === 'number' && value >= min && value <= max;
    if (!fits) problems.push(wanted(`a number from ${min} to ${max}`, value, path));
  };
}

function integer(min: number, max: number): Form {
  return (value, path, problems) => {
    const fits = Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
    if (!fits) problems.push(wanted(`a whole number from ${min} to ${max}`, value, path));
  };
}

function choice(...names: readonly string[]): Form {
  return (value, path, problems) => {
    const isOne = names.some((name) => name === value);
    if (!isOne) problems.push(wanted(`one of ${names.join(', ')}`, value, path));
  };
}

function listOf(item: Form): Form {
  return (value, path, problems) => {
    if (!Array.isArray(value)) problems.push(wanted('a list', value, path));
    else for (const [index, one] of value.entries()) item(one, [...path, index], problems);
  };
}

/** An object with these keys; others are not looked at. */
function object(keys: Readonly<Record<string, Form | Optional>> = {}): Form {
  return (value, path, problems) => {
    if (!isObject(value)) {
      problems.push(wanted('an object', value, path));
      return;
    }
    for (const [key, given] of Object.entries(keys)) {
      const form = typeof given === 'function' ? given : given.optional;
      if (Object.hasOwn(value, key)) form(value[key], [...path, key], problems);
      else if (form === given) problems.push({ path, message: `the key "${key}" is missing` });
    }
  };
}

/** An object whose form depends on the text at one of its keys. */
function byKind(key: string, forms: ReadonlyMap<string, Form>): Form {
  const kind = object({ [key]: choice(...forms.keys()) });
  return (value, path, problems) => {
    kind(value, path, problems);
    if (isObject(value)) forms.get(String(value[key]))?.(value, path, problems);
  };
}

/** A list of things, or one. */
function oneOrMore(item: Form): Form {
  const list = listOf(item);
  return (value, path, problems) => (Array.isArray(value) ? list : item)(value, path, problems);
}

/** A number stands for itself; anything else has a form of its own. */
function numberOr(form: Form): Form {
  const plain = number(0, MAX_SECONDS * 1000);
  return (value, path, problems) =>
    (typeof value === 'number' ? plain : form)(value, path, problems);
}

const texts: Form = (value, path, problems) => {
  object()(value, path, problems);
  if (!isObject(value)) return;
  for (const [key, one] of Object.entries(value)) text(one, [...path, key], problems);
};

function maybe(form: Form): Optional {
  return { optional: form };
}

const milliseconds = number(0, MAX_SECONDS * 1000);
const seconds = number(0, MAX_SECONDS);
const count = integer(0, MAX_REQUESTS);

const latency = numberOr(
  byKind(
    'dist',
    new Map([
      ['fixed', object({ ms: milliseconds })],
      ['uniform', object({ min: milliseconds, max: milliseconds })],
      ['exponential', object({ mean: milliseconds })],
      ['choice', object({ of: listOf(object({ p: number(0, 1), ms: milliseconds })) })],
    ]),
  ),
);

const ANSWER = {
  latency_ms: maybe(latency),
  status: maybe(integer(100, 999)),
  headers: maybe(texts),
  body: maybe(text),
  body_ms: maybe(milliseconds),
  action: maybe(
    choice(
      ...['respond', 'hang', 'reset', 'close', 'headers_then_reset', 'headers_then_hang'],
      ...['refused_stream', 'cancel'],
    ),
  ),
};

const condition = object({
  first: maybe(count),
  after: maybe(count),
  every: maybe(integer(1, MAX_REQUESTS)),
  from_s: maybe(seconds),
  to_s: maybe(seconds),
  path_prefix: maybe(text),
  header: maybe(object({ name: text, value: text })),
  attempt: maybe(count),
  probability: maybe(number(0, 1)),
});

const behaviour = object({
  ...ANSWER,
  protocol: maybe(choice('http1', 'h2c')),
  connect: maybe(choice('refuse', 'blackhole')),
  seed: maybe(integer(0, Number.MAX_SAFE_INTEGER)),
  // biome-ignore lint/suspicious/noThenProperty: the case's own word; nobody awaits it.
  rules: maybe(listOf(object({ when: maybe(condition), then: object(ANSWER) }))),
});

const priority = maybe(integer(0, 128));
const weight = integer(1, 2 ** 32 - 1);
const locality = object({ region: maybe(text), zone: maybe(text), sub_zone: maybe(text) });

const endpoint = object({
  id: text,
  address: text,
  weight: maybe(weight),
  locality: maybe(locality),
  priority,
  hostname: maybe(text),
  health_status: maybe(text),
  metadata: maybe(object()),
  behaviour: maybe(behaviour),
});

const cluster = object({
  name: text,
  endpoints: maybe(listOf(endpoint)),
  eds: maybe(flag),
  initial_members: maybe(listOf(text)),
  locality_weights: maybe(
    listOf(object({ locality: maybe(locality), priority, load_balancing_weight: weight })),
  ),
  load_assignment_policy: maybe(object()),
});

const template = object({
  name: maybe(text),
  path: maybe(text),
  host: maybe(text),
  method: maybe(text),
  headers: maybe(texts),
  body: maybe(text),
  key: maybe(text),
  repeat: maybe(integer(1, MAX_REQUESTS)),
  source_ip: maybe(text),
  client_timeout_ms: maybe(milliseconds),
});

const ACTION = {
  set_behaviour: maybe(object({ endpoint: text, behaviour })),
  set_members: maybe(object({ cluster: text, endpoints: listOf(text) })),
  set_health: maybe(object({ endpoint: text, health_status: text })),
};

const requests = maybe(listOf(template));
const n = maybe(count);

const load = byKind(
  'kind',
  new Map([
    ['sequential', object({ requests, n, gap_ms: maybe(milliseconds) })],
    ['burst', object({ requests, n, stagger_ms: maybe(milliseconds) })],
    [
      'closed',
      object({
        requests,
        concurrency: integer(1, MAX_REQUESTS),
        requests_per_client: count,
        think_ms: maybe(milliseconds),
        stagger_ms: maybe(milliseconds),
      }),
    ],
    [
      'open',
      object({
        requests,
        rate_rps: number(1e-6, MAX_REQUESTS),
        duration_s: seconds,
        arrival: maybe(choice('constant', 'poisson')),
        seed: maybe(integer(0, Number.MAX_SAFE_INTEGER)),
      }),
    ],
    ['wait', object({ s: seconds })],
    ['action', object(ACTION)],
  ]),
);

const judgement = object({
  measure: text,
  kind: choice('exact', 'one_of', 'rotation', 'ci', 'mean_ci', 'approx', 'varies'),
  only: maybe(listOf(text)),
  of: maybe(text),
  configured: maybe(number(-Number.MAX_VALUE, Number.MAX_VALUE)),
  tolerance: maybe(number(0, Number.MAX_VALUE)),
  period: maybe(integer(1, MAX_REQUESTS)),
});

const whole = object({
  title: maybe(text),
  runs: maybe(integer(1, MAX_RUNS)),
  clusters: listOf(cluster),
  route_config: object(),
  http_filters: maybe(listOf(object())),
  hcm: maybe(object()),
  router: maybe(object()),
  runtime: maybe(object()),
  cluster_manager: maybe(object()),
  node: maybe(object()),
  envoy_concurrency: maybe(integer(1, MAX_WORKERS)),
  load: oneOrMore(load),
  timeline: maybe(listOf(object({ at_s: seconds, ...ACTION }))),
  align: maybe(object({ interval_s: number(1e-3, MAX_SECONDS), phase_s: seconds })),
  settle_ms: maybe(milliseconds),
  after_ms: maybe(milliseconds),
  series_bucket_s: maybe(number(1e-3, MAX_SECONDS)),
  judge: listOf(judgement),
  result: maybe(object({ envoy: text, judged: listOf(object({ measure: text, kind: text })) })),
});

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_SHOWN = 40;

function wanted(what: string, value: unknown, path: Path): FormProblem {
  const found = JSON.stringify(value);
  const shown = found.length > MAX_SHOWN ? `${found.slice(0, MAX_SHOWN)}…` : found;
  return { path, message: `want ${what}, found ${shown}` };
}
