/** A query and what it must be, from one text: `p99(latency) > 250ms`. */
export interface Condition {
  readonly that: string;
  readonly is: string;
}

/**
 * Divides a condition at its comparator, the first outside braces, brackets and quotes: there no query
 * has one. Undefined if there is none.
 */
export function conditionOf(text: string): Condition | undefined {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '{') depth++;
    else if (sign === '}') depth--;
    else if (depth === 0 && '<>=~'.includes(sign)) {
      const that = text.slice(0, at).trim();
      const is = text.slice(at).trim();
      return that === '' || is === '' ? undefined : { that, is };
    }
  }
  return undefined;
}
