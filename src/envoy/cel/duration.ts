const UNITS_NS: ReadonlyMap<string, number> = new Map([
  ['h', 3600e9],
  ['m', 60e9],
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
]);
const PART = /(\d+(?:\.\d*)?|\.\d+)(h|ms|us|ns|m|s)/y;

/**
 * A duration as CEL writes it (`1h2.5s`), in nanoseconds; undefined for any other text.
 *
 * @source envoy: source/extensions/filters/common/expr/evaluator.cc; cel-spec: doc/langdef.md, duration
 */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  let at = sign < 0 ? 1 : 0;
  if (at === text.length) return undefined;
  let sumNs = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const [all, count, unit] = PART.exec(text) ?? [];
    if (all === undefined) return undefined;
    sumNs += Number(count) * UNITS_NS.get(unit!)!;
    at += all.length;
  }
  return sign * sumNs;
}
