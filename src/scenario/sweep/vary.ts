import { QUANTITY, type Quantity, quantityOf, quantityText } from './quantity-text.ts';

/** A key of the scenario and the values that it takes in turn. */
export interface Varied {
  /** A parameter, or the path of a value: `clients.shop.load.rate`. */
  readonly key: string;
  readonly values: readonly string[];
}

/** One combination of values, in the order in which the keys were given. */
export type SweepPoint = readonly (readonly [key: string, value: string])[];

const MAX_VALUES = 10_000;

/**
 * Reads `KEY=VALUES`: `rate=10/s,20/s`, from a to b by steps of c as `rate=10/s..100/s:10/s`, or by a
 * factor as `rate=10/s..160/s*2`. Gives it, or what is wrong.
 */
export function readVaried(text: string): Varied | { readonly problem: string } {
  const equals = text.indexOf('=');
  const key = text.slice(0, Math.max(0, equals));
  if (key === '') return { problem: 'want KEY=VALUES, such as rate=10/s,20/s' };
  const parts = text.slice(equals + 1).split(',');
  const values: string[] = [];
  for (const part of parts) {
    const read = valuesOf(part.trim());
    if ('problem' in read) return read;
    values.push(...read.values);
  }
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) return { problem: `${key} takes the value ${twice} twice` };
  return { key, values };
}

type Values = { readonly values: readonly string[] } | { readonly problem: string };

const RANGE = new RegExp(`^(${QUANTITY})\\.\\.(${QUANTITY})([:*])(${QUANTITY})$`);

function valuesOf(text: string): Values {
  if (text === '') return { problem: 'a value is empty' };
  const [, fromText, toText, sign, stepText] = RANGE.exec(text) ?? [];
  if (fromText === undefined || toText === undefined || stepText === undefined)
    return text.includes('..')
      ? { problem: `"${text}" is no range: write 10/s..100/s:10/s or 10/s..160/s*2` }
      : { values: [text] };
  const from = quantityOf(fromText)!;
  const to = quantityOf(toText)!;
  const step = quantityOf(stepText)!;
  if (from.unit !== to.unit) return { problem: `"${text}": both ends want the same unit` };
  if (sign === '*') return steps(text, from, to.value, (value) => value * step.value);
  if (step.unit !== from.unit && step.unit !== '')
    return { problem: `"${text}": the step wants the unit of the ends` };
  // Steps are counted, not added up, so that 0.1 three times is 0.3.
  return steps(text, from, to.value, (_, index) => from.value + step.value * (index + 1));
}

function steps(
  text: string,
  from: Quantity,
  to: number,
  next: (value: number, index: number) => number,
): Values {
  const values: string[] = [];
  const slack = 1e-9 * Math.abs(to);
  for (let value = from.value; value <= to + slack; value = next(value, values.length - 1)) {
    if (values.length >= MAX_VALUES) return { problem: `"${text}" has no end` };
    values.push(quantityText({ value, unit: from.unit }));
  }
  return values.length === 0 ? { problem: `"${text}" has no values` } : { values };
}

/** Every combination, the last key fastest. Without keys there is one point. */
export function pointsOf(varied: readonly Varied[]): readonly SweepPoint[] {
  return varied.reduce<readonly SweepPoint[]>(
    (points, { key, values }) =>
      points.flatMap((point) => values.map((value) => [...point, [key, value] as const])),
    [[]],
  );
}
