/** A number with the unit that it is written with: `80/s`, `250ms`, `10%`, `32`. */
export interface Quantity {
  readonly value: number;
  readonly unit: string;
}

/** As a part of a regular expression. */
export const QUANTITY = '[-+]?\\d+(?:\\.\\d+)?(?:%|/[a-z]+|[a-zµ]+)?';

const WHOLE = /^([-+]?\d+(?:\.\d+)?)(%|\/[a-z]+|[a-zµ]+)?$/;

/** The quantity that a text is; undefined if it is none. */
export function quantityOf(text: string): Quantity | undefined {
  const [, value, unit = ''] = WHOLE.exec(text.trim()) ?? [];
  return value === undefined ? undefined : { value: Number(value), unit };
}

/** As a person would write it: at most twelve digits, no zeros behind the point. */
export function quantityText({ value, unit }: Quantity): string {
  const digits = value.toPrecision(12);
  const plain = digits.includes('e') ? value.toFixed(9) : digits;
  return `${plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain}${unit}`;
}
