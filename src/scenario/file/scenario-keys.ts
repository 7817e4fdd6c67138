import { clients } from './client-keys.ts';
import { MAX_EXPECTATIONS, MAX_EXTERNALS, MAX_MESH_ENTRIES, MAX_PARAMS } from './limits.ts';
import { meshEntry } from './mesh-keys.ts';
import {
  choice,
  duration,
  flag,
  instantText,
  integer,
  positiveDuration,
  share,
  text,
} from './scalar-shapes.ts';
import {
  anything,
  key,
  type Located,
  listOf,
  located,
  mapOf,
  mappingOf,
  oneOrMore,
  requiredKey,
  type Shape,
  turned,
  type ValuesOf,
} from './shape.ts';
import { timeline } from './timeline-keys.ts';
import { externalHost, workloads } from './workload-keys.ts';

/** What must hold, as it is written; `telemetry` reads the texts. */
export interface ExpectationText {
  readonly that: Located<string>;
  readonly is: Located<string>;
  /** [start, end) in nanoseconds; undefined = the whole run. */
  readonly during: { readonly fromNs: number; readonly toNs: number } | undefined;
  readonly name: string | undefined;
  readonly isAborting: boolean;
  readonly mayBeEmpty: boolean;
}

const comparison: Shape<Located<string>> = {
  expects: 'a comparison such as "< 250ms", ">= 1" or "10% ± 2%"',
  jsonSchema: { type: ['string', 'number'] },
  read(node, report) {
    if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'boolean')
      return report.wanted(this, node);
    const value = String(node.value).trim();
    // `is: >5` is no syntax error: YAML takes it for the head of an (empty) folded text.
    if (value === '')
      return report.error(
        'MS0206',
        node.at,
        'the comparison is empty: YAML reads > and | as the start of a block text',
        QUOTE_HINT,
      );
    return { value, at: node.at };
  },
};

const QUOTE_HINT = 'put it in quotes: is: "> 5"';

const period: Shape<{ readonly fromNs: number; readonly toNs: number }> = turned(
  { ...text, expects: 'a period such as 0s..30s' },
  (value, node, report) => {
    const match = /^\s*(\S*?)\s*\.\.\s*(\S*)\s*$/.exec(value);
    const at = { ...node, kind: 'scalar' } as const;
    const bound = (part: string, missing: number): number | undefined =>
      part === '' ? missing : duration.read({ ...at, value: part }, report);
    if (match === null)
      return report.error('MS0202', node.at, `"${value}" is no period`, 'write during: 0s..30s');
    const fromNs = bound(match[1]!, 0);
    const toNs = bound(match[2]!, Number.POSITIVE_INFINITY);
    if (fromNs === undefined || toNs === undefined) return undefined;
    if (fromNs < toNs) return { fromNs, toNs };
    return report.error('MS0205', node.at, `"${value}" ends before it begins`);
  },
);

const expectation: Shape<ExpectationText | undefined> = turned(
  mappingOf('an expectation', {
    that: requiredKey(
      located(text),
      'What is measured: requests{destination_version="v2"} / requests.',
    ),
    is: requiredKey(comparison, 'What it must be: < 250ms, ">= 1", 1..5, 10% ± 2%, ~10%.'),
    during: key(period, 'When: a..b is [a, b). Default: the whole run without the warm-up.'),
    name: key(text, 'What it is called in the summary.'),
    abort: key(flag, 'Stops the run as soon as it can no longer hold.'),
    or_empty: key(flag, 'Holds, too, when nothing was seen.'),
  }),
  ({ that, is, during, name, abort, or_empty }): ExpectationText | undefined =>
    that && is
      ? { that, is, during, name, isAborting: abort ?? false, mayBeEmpty: or_empty ?? false }
      : undefined,
);

const proxy = mappingOf('proxy', {
  latency: key(duration, 'What a proxy adds per traversal, each way. Default 0.25 ms.'),
  request: key(duration, 'The same for requests alone.'),
  response: key(duration, 'The same for responses alone.'),
  concurrency: key(integer(1, 256), 'Worker threads of a proxy. Default 2.'),
});

const network = mappingOf('network', {
  latency: key(duration, 'One way, within a zone. Default 0.25 ms.'),
  request: key(duration, 'The same for requests alone.'),
  response: key(duration, 'The same for responses alone.'),
  zones: key(duration, 'One way, across zones. Default 1 ms.'),
  regions: key(duration, 'One way, across regions. Default 30 ms.'),
  outside: key(duration, 'One way, between the mesh and the outside. Default 20 ms.'),
  jitter: key(duration, 'Each message takes up to that much longer, evenly. Default 0.'),
  loss: key(share, 'Of messages; each lost one comes 200 ms later.'),
  reset: key(share, 'Of messages; instead of arriving it resets its connection.'),
});

const push = mappingOf('push', {
  delay: key(
    duration,
    '0 = a change reaches every proxy at once; else the median of its way to a proxy.',
  ),
  p99: key(positiveDuration, 'The 99th percentile of that way. Default 10 × the median.'),
  debounce: key(duration, 'How long the control plane waits for further changes. Default 100 ms.'),
});

export const SCENARIO_KEYS = {
  title: key(text, 'The question that the scenario answers.'),
  description: key(text, 'More about it.'),
  seed: key(
    integer(0, Number.MAX_SAFE_INTEGER),
    'Same scenario, same seed, same outcome. Default 1.',
  ),
  duration: key(positiveDuration, 'How long requests arrive. Default: the stages’ sum, else 60 s.'),
  warmup: key(duration, 'The start that is left out of the results.'),
  mesh: key(
    oneOrMore(meshEntry, MAX_MESH_ENTRIES),
    'Manifests: files, directories, globs, "-", or objects.',
  ),
  workloads: key(workloads, 'How instances behave: NAME, namespace/name, or * for all.'),
  clients: key(clients, 'Who sends what, from where, how much.'),
  external: key(mapOf('a host', externalHost, MAX_EXTERNALS), 'How hosts outside behave.'),
  timeline: key(timeline, 'What happens when.'),
  expect: key(listOf(expectation, MAX_EXPECTATIONS), 'What must hold.'),
  proxy: key(proxy, 'What a sidecar or gateway adds.'),
  network: key(network, 'Latency and loss between pods, zones, regions, and the outside.'),
  push: key(push, 'How changes travel from istiod to each proxy.'),
  injection: key(
    choice('all', 'labels'),
    '"labels": only labelled namespaces and pods get sidecars.',
  ),
  allowUnknown: key(flag, 'Hosts that nobody serves are no error: the mesh answers.'),
  readinessDelay: key(
    duration,
    'How long until endpoints follow a pod that came or went. Default 1 s.',
  ),
  istioVersion: key(text, 'Whose defaults the control plane has: "1.32".'),
  meshConfig: key(anything('a mapping'), 'As in Istio.'),
  epoch: key(instantText, 'The wall clock at 0 s. Default 1970-01-01.'),
  params: key(
    mapOf('a parameter', anything('a value'), MAX_PARAMS),
    'Values used as ${name}, set by --set name=value.',
  ),
  extends: key(text, 'A scenario that this one overrides key by key.'),
};

export type ScenarioValues = ValuesOf<typeof SCENARIO_KEYS>;

/** The whole file. `extends` and `params` were resolved before. */
export const scenarioShape = mappingOf('a scenario', SCENARIO_KEYS);
