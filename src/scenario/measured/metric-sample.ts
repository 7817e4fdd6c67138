/** One sample of a metric, however it was written down. */
export interface MetricSample {
  /** '' where a query has taken the name away. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const LINE =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+([-+]?(?:[0-9.]+(?:[eE][-+]?[0-9]+)?|Inf|NaN))(?:\s|$)/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/**
 * Samples of an exposition (Prometheus text or OpenMetrics); lines that are none are passed over. Where a
 * series has several samples with times, the last one counts.
 */
export function samplesOfText(text: string): readonly MetricSample[] {
  const series = new Map<string, MetricSample>();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined || line.startsWith('#')) continue;
    const pairs = [...labels.matchAll(LABEL)].map(([, label = '', written = '']) => {
      return [label, unescaped(written)] as const;
    });
    const sample = { name, labels: new Map(pairs), value: numberOf(value ?? '') };
    series.set(`${name}{${labels}}`, sample);
  }
  return [...series.values()];
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
}

/** `+Inf` in labels and values. */
export function numberOf(text: string): number {
  if (/^\+?Inf$/.test(text)) return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

/** Samples of an answer of Prometheus' query API; undefined if it is none. */
export function samplesOfQuery(answer: unknown): readonly MetricSample[] | undefined {
  const result =
    memberOf(memberOf(answer, 'data'), 'result') ?? memberOf(answer, 'result') ?? answer;
  if (!Array.isArray(result)) return undefined;
  const samples = result.flatMap((entry: unknown): readonly MetricSample[] => {
    const metric = memberOf(entry, 'metric');
    const value = valueOfEntry(entry);
    if (typeof metric !== 'object' || metric === null || value === undefined) return [];
    const labels = new Map(Object.entries(metric).map(([key, text]) => [key, String(text)]));
    return [{ name: labels.get('__name__') ?? '', labels, value }];
  });
  return samples.length === 0 && result.length > 0 ? undefined : samples;
}

/** Of a range, how much it grew; of an instant, what it is. */
function valueOfEntry(entry: unknown): number | undefined {
  const at = (pair: unknown): number =>
    Array.isArray(pair) ? numberOf(String(pair[1])) : Number.NaN;
  const values = memberOf(entry, 'values');
  if (Array.isArray(values) && values.length > 0) {
    const last = at(values.at(-1));
    const grown = last - at(values[0]);
    return values.length > 1 && grown >= 0 ? grown : last;
  }
  const value = memberOf(entry, 'value');
  return value === undefined ? undefined : at(value);
}

/** A member of a JSON object; undefined of anything else. */
export function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}
