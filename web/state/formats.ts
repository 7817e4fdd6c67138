/** Numbers as Kiali and the summaries print them. */

/** At most two decimals below ten, one above; zeros at the end are cut. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** Of milliseconds: `45ms`, `1.2s`, `380µs`. */
export function msText(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))}s`;
  if (ms >= 1) return `${Number(ms.toPrecision(3))}ms`;
  return ms === 0 ? '0ms' : `${Number((ms * 1000).toPrecision(3))}µs`;
}

/** Of a share: `12%`, one decimal below 1 % and for what is nearly everything. */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const percent = share * 100;
  if (percent > 0 && percent < 1) return `${Number(percent.toPrecision(1))}%`;
  if (percent > 99 && percent < 100) return `${Math.floor(percent * 10) / 10}%`;
  return `${Number(percent.toFixed(percent < 10 ? 1 : 0))}%`;
}

export function secondsText(ns: number): string {
  return (ns / 1e9).toFixed(1);
}

/** A moment without needless digits: `66`, `60.5`. */
export function momentText(ns: number): string {
  return String(Number((ns / 1e9).toFixed(1)));
}

export function countText(count: number): string {
  return String(Math.round(count));
}

/** `503 UO`; the code alone without flags; a connection without a code by its flags. */
export function outcomeText(code: number, flags: string): string {
  if (code === 0) return flags === '-' ? 'no answer' : flags;
  return flags === '-' ? String(code) : `${code} ${flags}`;
}

/** `catalog|v2` of `outbound|80|v2|catalog.default.svc.cluster.local`. */
export function clusterText(cluster: string): string {
  const [, , subset = '', host = ''] = cluster.split('|');
  if (host === '') return cluster === '' ? '–' : cluster;
  const short = host.replace(/\.svc\.cluster\.local$/, '').replace(/\.default$/, '');
  return subset === '' ? short : `${short}|${subset}`;
}
