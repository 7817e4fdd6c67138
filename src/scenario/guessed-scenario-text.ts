import type { GuessedClient } from './guess-clients.ts';
import type { GuessedWorkload } from './guess-workloads.ts';
import { percentText } from './measured/short-text.ts';

/** What is not in a guessed scenario, and why. */
export interface LeftOut {
  readonly what: string;
  readonly why: string;
}

export interface ScenarioParts {
  readonly title: string;
  readonly mesh: readonly string[];
  /** Nothing can call from the mesh: a workload of the scenario's own does. */
  readonly ownsCaller: boolean;
  readonly workloads: readonly GuessedWorkload[];
  readonly impliedGateways: readonly string[];
  readonly clients: readonly GuessedClient[];
  readonly leftOut: readonly LeftOut[];
}

/** A scenario file that says what it assumes. */
export function guessedScenarioText(parts: ScenarioParts): string {
  return [
    `title: ${quoted(`What happens to requests in ${parts.title}?`)}`,
    '',
    '# Written by `meshsim init`. Everything below is a guess that runs: change what you know better.',
    '# Every key: `meshsim help run`, and the schema that ships with the package.',
    'duration: 30s',
    'seed: 1',
    '',
    ...meshLines(parts),
    ...workloadLines(parts),
    ...clientLines(parts.clients),
    '# What must hold; `meshsim run` then ends with 1 if it does not. Take the # away:',
    '# expect:',
    '#   - that: requests{response_code=~"2..", client=~".+"} / requests{client=~".+"}',
    '#     is: ">= 99%"',
    `#   - that: p99(latency{client="${parts.clients[0]?.name ?? 'NAME'}"})`,
    '#     is: < 250ms',
    '',
    '# What happens when, for example:',
    '# timeline:',
    '#   - { at: 10s, apply: new-version-of-a-route.yaml }',
    '',
  ].join('\n');
}

function meshLines({ mesh, ownsCaller, impliedGateways, leftOut }: ScenarioParts) {
  return [
    '# Of an object that is in several files, the last file counts.',
    'mesh:',
    ...mesh.map((path) => `  - ${quoted(path)}`),
    ...(ownsCaller ? CALLER_LINES : []),
    ...impliedGateways.map(
      (name) => `# No pod matches the selector of a Gateway: ${name} is assumed, one replica.`,
    ),
    ...leftOut.map(({ what, why }) => `# Left out: ${what} (${why.split('\n')[0]})`),
    '',
  ];
}

const CALLER_LINES = [
  '  # No workload is there to call from: this one is the scenario’s own.',
  '  - apiVersion: apps/v1',
  '    kind: Deployment',
  '    metadata: { name: caller, namespace: default }',
  '    spec:',
  '      selector: { matchLabels: { app: caller } }',
  '      template: { metadata: { labels: { app: caller } } }',
];

function workloadLines({ workloads }: ScenarioParts): readonly string[] {
  if (workloads.length === 0) return [];
  const isGuess = workloads.some(({ why }) => why === '');
  const hasCalls = workloads.some(({ calls }) => calls.length > 0);
  return [
    ...(isGuess
      ? [
          '# Assumed: half of all requests take less than 10 ms, 1 % more than 50 ms; nothing fails.',
        ]
      : []),
    ...(workloads.some(({ why }) => why !== '')
      ? [
          '# Measured latencies are without the time that was spent in calls, which are made here, too.',
        ]
      : []),
    hasCalls
      ? '# Calls are made one after the other, as often as is said; `parallel: [...]` makes them together.'
      : '# Nothing is called, as far as is known. A call graph would be: calls: [GET http://ratings:9080/]',
    'workloads:',
    ...workloads.flatMap(linesOf),
    '',
  ];
}

function linesOf({ key, latency, errors, calls, why }: GuessedWorkload): readonly string[] {
  const reason = why === '' ? '' : `  # ${why}`;
  if (calls.length === 0) {
    const more = errors === undefined ? '' : `, errors: ${errors}`;
    return [`  ${quoted(key)}: { latency: ${latency}${more} }${reason}`];
  }
  return [
    `  ${quoted(key)}:${reason}`,
    `    latency: ${latency}`,
    ...(errors === undefined ? [] : [`    errors: ${errors}`]),
    '    calls:',
    ...calls.map((call) => `      - ${callText(call)}  # ${call.why}`),
  ];
}

/** A call that is made about once is made once. */
function callText({ request, perRequest }: GuessedWorkload['calls'][number]): string {
  if (perRequest > 0.95 && perRequest < 1.05) return request;
  const times = Math.floor(perRequest);
  const rest = perRequest - times;
  if (times === 0) return `{ request: ${request}, chance: ${percentText(perRequest)} }`;
  const isWhole = rest < 0.05 || rest > 0.95;
  return isWhole
    ? `{ request: ${request}, times: ${Math.round(perRequest)} }`
    : `{ request: ${request}, times: ${times + 1}, chance: ${percentText(perRequest / (times + 1))} }`;
}

function clientLines(clients: readonly GuessedClient[]): readonly string[] {
  return [
    clients.some(({ load }) => load !== undefined)
      ? '# Rates as measured; where only proportions are known, the busiest has 10/s. At random moments (Poisson).'
      : '# Assumed: 10 requests per second for every host, at random moments (Poisson).',
    'clients:',
    ...clients.flatMap(({ name, origin, request, why, load }) => [
      `  # ${why}`,
      `  ${name}:`,
      `    ${origin.kind}: ${quoted(origin.workload)}`,
      `    request: ${quoted(request)}`,
      ...(request.startsWith('tcp:') ? ['    duration: 1s'] : []),
      `    load: ${load ?? '{ rate: 10/s }'}`,
    ]),
    '',
  ];
}

/** Quoted where YAML would read something else. */
function quoted(text: string): string {
  return /^[A-Za-z0-9][\w./ -]*(:[\w./-]+)*$/.test(text) && !/^\d/.test(text)
    ? text
    : JSON.stringify(text);
}
