/** A duration as scenarios write it, three digits: `12.5ms`, `1.2s`. */
export function durationText(ms: number): string {
  if (!(ms > 0)) return '0ms';
  if (ms >= 1000) return `${short(ms / 1000)}s`;
  return ms >= 0.1 ? `${short(ms)}ms` : `${short(ms * 1000)}us`;
}

/** A share as scenarios write it: `1.5%`. */
export function percentText(share: number): string {
  return `${short(share * 100)}%`;
}

/** Three digits, without zeros at the end and without an exponent. */
export function short(value: number): string {
  const text = Number(value.toPrecision(3));
  return text >= 1e-6 ? String(text) : text.toFixed(9).replace(/\.?0+$/, '');
}
