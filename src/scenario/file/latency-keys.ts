import { parseDuration } from '#source/duration.ts';
import type { HeaderLine, LatencyRule, RequestPart } from '#world/behaviour.ts';
import type { Latency, LatencyShare, Percentile } from '#world/latency.ts';
import { MAX_LIST, MAX_SAMPLES } from './limits.ts';
import { duration, headerValue, numberBetween, positiveDuration, text } from './scalar-shapes.ts';
import type { ScenarioNode } from './scenario-node.ts';
import {
  byKind,
  key,
  listOf,
  located,
  mapOf,
  mappingOf,
  type Report,
  recursive,
  requiredKey,
  type Shape,
  turned,
  type ValuesOf,
} from './shape.ts';

/** A latency with its exceptions for parts of the traffic. */
export interface LatencyWithRules {
  readonly latency: Latency;
  readonly rules: readonly LatencyRule[];
}

const POSITIVE = numberBetween(1e-9, 1e12);
const WEIGHT = numberBetween(0, 1e9);
const LATENCY_TEXT = 'a duration such as 12ms, or a distribution such as {p50: 12ms, p99: 80ms}';

/** `p50` → 50, `p999` → 99.9: percentile keys in the order of their size. */
const PERCENTILES: ReadonlyMap<string, number> = new Map([
  ['p1', 1],
  ['p5', 5],
  ['p10', 10],
  ['p25', 25],
  ['p50', 50],
  ['p75', 75],
  ['p80', 80],
  ['p90', 90],
  ['p95', 95],
  ['p98', 98],
  ['p99', 99],
  ['p999', 99.9],
  ['p9999', 99.99],
]);

const percentileKey = key(
  positiveDuration,
  'This share of all values is shorter; two of them make a log-normal distribution.',
);

/** `plainLatency`, by its name in the JSON Schema. */
export const latencyRef: Shape<Latency> = recursive('latency', LATENCY_TEXT, () => plainLatency);

const DISTRIBUTION_KEYS = {
  constant: key(duration, 'Always the same.'),
  p1: percentileKey,
  p5: percentileKey,
  p10: percentileKey,
  p25: percentileKey,
  p50: percentileKey,
  p75: percentileKey,
  p80: percentileKey,
  p90: percentileKey,
  p95: percentileKey,
  p98: percentileKey,
  p99: percentileKey,
  p999: percentileKey,
  p9999: percentileKey,
  exponential: key(
    mappingOf('exponential', { mean: requiredKey(duration, 'The mean.') }),
    'Memoryless.',
  ),
  normal: key(
    mappingOf('normal', {
      mean: requiredKey(duration, 'The mean.'),
      sd: requiredKey(duration, 'The standard deviation.'),
    }),
    'Bell-shaped, cut at zero.',
  ),
  uniform: key(listOf(duration, 2), 'Evenly between two durations: [5ms, 15ms].'),
  gamma: key(
    mappingOf('gamma', {
      mean: requiredKey(duration, 'The mean.'),
      shape: requiredKey(POSITIVE, '1 is exponential, more is narrower.'),
    }),
    'A sum of exponential parts.',
  ),
  pareto: key(
    mappingOf('pareto', {
      min: requiredKey(duration, 'The shortest value.'),
      alpha: requiredKey(POSITIVE, 'The smaller, the heavier the tail.'),
    }),
    'A power-law tail.',
  ),
  weibull: key(
    mappingOf('weibull', {
      scale: requiredKey(duration, 'About 63 % of all values are shorter.'),
      shape: requiredKey(POSITIVE, '1 is exponential, less has a heavier tail.'),
    }),
    'A stretched exponential.',
  ),
  percentiles: key(
    mapOf('a percent', duration, MAX_LIST),
    'Straight lines between measured percentiles: {50: 10ms, 99: 80ms, 100: 200ms}.',
  ),
  samples: key(located(text), 'A file of measured durations, one a line; each is equally likely.'),
  mix: key(
    listOf(
      mappingOf('a part of a mix', {
        weight: requiredKey(WEIGHT, 'Its share, relative to the other parts.'),
        latency: requiredKey(latencyRef, 'Its latency.'),
      }),
      MAX_LIST,
    ),
    'Several latencies by weight.',
  ),
};

/** The keys that say to which part of the traffic something applies. */
const PART_KEYS = {
  path: key(text, 'The path; a `*` at its end matches any rest.'),
  method: key(text, 'The method.'),
  headers: key(
    mapOf('a header', headerValue, MAX_LIST),
    'Headers that must have these values; `*` = any value.',
  ),
};

/** A part of the traffic by path, method and headers. */
export const requestPart: Shape<RequestPart> = turned(
  mappingOf('a part of the traffic', PART_KEYS),
  ({ path, method, headers }): RequestPart => ({ path, method, headers: headerLines(headers) }),
);

const distribution = turned(mappingOf('a latency', DISTRIBUTION_KEYS), distributionOf);
const constant = turned(duration, (ns): Latency => ({ kind: 'constant', ns }));

/** A duration or a distribution. */
export const plainLatency: Shape<Latency> = byKind(LATENCY_TEXT, {
  scalar: constant,
  mapping: distribution,
});

const latencyRule = turned(
  mappingOf('a part of the traffic', { ...PART_KEYS, ...DISTRIBUTION_KEYS }),
  (values, node, report): LatencyRule | undefined => {
    const latency = distributionOf(values, node, report);
    if (latency === undefined) return undefined;
    const { path, method, headers } = values;
    return { path, method, headers: headerLines(headers), latency };
  },
);

/** A latency of a workload: like `plainLatency`, with `by:` for parts of the traffic. */
export const latency: Shape<LatencyWithRules> = byKind(LATENCY_TEXT, {
  scalar: turned(constant, (value) => ({ latency: value, rules: [] })),
  mapping: turned(
    mappingOf('a latency', {
      ...DISTRIBUTION_KEYS,
      by: key(
        listOf(latencyRule, MAX_LIST),
        'Latencies for parts of the traffic; the first match wins.',
      ),
    }),
    (values, node, report): LatencyWithRules | undefined => {
      const rules = values.by ?? [];
      const isAlone = rules.length > 0 && distributionNames(values).length === 0;
      const base: Latency | undefined = isAlone
        ? { kind: 'constant', ns: 10_000_000 }
        : distributionOf(values, node, report);
      return base === undefined ? undefined : { latency: base, rules };
    },
  ),
});

/** Lower-case names in the order of the file. */
export function headerLines(
  headers: ReadonlyMap<string, { readonly value: string }> | undefined,
): readonly HeaderLine[] {
  return [...(headers ?? [])].map(([name, { value }]) => ({ name: name.toLowerCase(), value }));
}

type DistributionValues = Pick<ValuesOf<typeof DISTRIBUTION_KEYS>, keyof typeof DISTRIBUTION_KEYS>;

/** The kinds of distribution that a mapping names; all percentiles together are one. */
function distributionNames(values: DistributionValues): readonly string[] {
  const names = Object.keys(DISTRIBUTION_KEYS) as (keyof DistributionValues)[];
  const used = names.filter((name) => values[name] !== undefined);
  const others = used.filter((name) => !PERCENTILES.has(name));
  return others.length < used.length ? ['p…', ...others] : others;
}

function distributionOf(
  values: DistributionValues,
  node: ScenarioNode,
  report: Report,
): Latency | undefined {
  const names = distributionNames(values);
  if (names.length !== 1) {
    const found = names.length === 0 ? 'none' : names.join(' and ');
    return report.error('MS0204', node.at, `want one distribution, found ${found}`, LATENCY_HINT);
  }
  return (
    simpleDistribution(values) ??
    logNormal(values, node, report) ??
    listDistribution(values, node, report)
  );
}

const LATENCY_HINT = 'write 12ms, {p50: 12ms, p99: 80ms} or {exponential: {mean: 20ms}}';

/** Those that need no further check. A part with a missing value was reported already. */
function simpleDistribution(values: DistributionValues): Latency | undefined {
  const { constant, exponential, normal, gamma, pareto, weibull } = values;
  if (constant !== undefined) return { kind: 'constant', ns: constant };
  if (exponential?.mean !== undefined) return { kind: 'exponential', meanNs: exponential.mean };
  if (normal?.mean !== undefined && normal.sd !== undefined)
    return { kind: 'normal', meanNs: normal.mean, sdNs: normal.sd };
  if (gamma?.mean !== undefined && gamma.shape !== undefined)
    return { kind: 'gamma', meanNs: gamma.mean, shape: gamma.shape };
  if (pareto?.min !== undefined && pareto.alpha !== undefined)
    return { kind: 'pareto', minNs: pareto.min, alpha: pareto.alpha };
  if (weibull?.scale !== undefined && weibull.shape !== undefined)
    return { kind: 'weibull', scaleNs: weibull.scale, shape: weibull.shape };
  return undefined;
}

function logNormal(
  values: DistributionValues,
  node: ScenarioNode,
  report: Report,
): Latency | undefined {
  const points: Percentile[] = [];
  for (const [name, percent] of PERCENTILES) {
    const ns = values[name as keyof DistributionValues];
    if (typeof ns === 'number') points.push({ percent, ns });
  }
  if (points.length === 0) return undefined;
  const [low, high] = points;
  if (points.length !== 2 || low === undefined || high === undefined) {
    const hint =
      'two percentiles make a log-normal distribution; for more use percentiles: {50: …, 99: …}';
    return report.error('MS0204', node.at, `want two percentiles, found ${points.length}`, hint);
  }
  if (low.ns > high.ns) {
    return report.error('MS0205', node.at, 'the higher percentile is the shorter duration');
  }
  return { kind: 'logNormal', low, high };
}

function listDistribution(
  values: DistributionValues,
  node: ScenarioNode,
  report: Report,
): Latency | undefined {
  const { uniform, percentiles, samples, mix } = values;
  if (uniform !== undefined) {
    const [fromNs, toNs] = uniform;
    if (fromNs !== undefined && toNs !== undefined && fromNs <= toNs)
      return { kind: 'uniform', fromNs, toNs };
    return report.error('MS0202', node.at, 'want uniform: [SHORTEST, LONGEST]');
  }
  if (percentiles !== undefined) return percentilesOf(percentiles, node, report);
  if (samples !== undefined) return samplesOf(samples.value, samples.at, report);
  if (mix === undefined) return undefined;
  const parts = mix.filter(
    (part): part is LatencyShare & typeof part => part.latency !== undefined,
  );
  if (parts.some((part) => part.weight > 0)) return { kind: 'mix', parts };
  return report.error('MS0205', node.at, 'a mix needs a part with a weight above 0');
}

function percentilesOf(
  entries: ReadonlyMap<string, { readonly value: number }>,
  node: ScenarioNode,
  report: Report,
): Latency | undefined {
  const points = [...entries].map(([name, { value }]) => ({
    percent: Number(name.replace(/^p/, '')),
    ns: value,
  }));
  points.sort((a, b) => a.percent - b.percent);
  const isRising = points.every(
    (point, index) =>
      point.percent >= 0 && point.percent <= 100 && point.ns >= (points[index - 1]?.ns ?? 0),
  );
  if (points.length > 0 && isRising) return { kind: 'percentiles', points };
  const hint = 'write percentiles: {50: 10ms, 90: 25ms, 99: 80ms, 100: 200ms}';
  return report.error(
    'MS0205',
    node.at,
    'percentiles go from 0 to 100 and durations rise with them',
    hint,
  );
}

function samplesOf(path: string, at: ScenarioNode['at'], report: Report): Latency | undefined {
  const content = report.readNamedFile(path, at, report);
  if (content === undefined) return undefined;
  const words = content.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0 || words.length > MAX_SAMPLES)
    return report.error(
      'MS0209',
      at,
      `${path} has ${words.length} samples; 1 to ${MAX_SAMPLES} are read`,
    );
  const sortedNs: number[] = [];
  for (const word of words) {
    const ns = parseDuration(word);
    if (ns === undefined || ns < 0)
      return report.error(
        'MS0202',
        at,
        `${path}: "${word}" is no duration`,
        'write one duration a line: 12ms',
      );
    sortedNs.push(ns);
  }
  sortedNs.sort((a, b) => a - b);
  return { kind: 'samples', sortedNs };
}
