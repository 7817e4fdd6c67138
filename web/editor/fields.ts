import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { EditorView, Tooltip } from '@codemirror/view';

/** The fields that people change most, each in one sentence; shown when typing and on hover. */
export const FIELDS: ReadonlyMap<string, string> = new Map([
  [
    'weight',
    'Share of the requests, relative to the other destinations of the route. Every request is drawn anew.',
  ],
  ['subset', 'Subset of the destination, as a DestinationRule declares it. Undeclared: 503 NC.'],
  ['host', 'Service that requests go to, as a short name of this namespace or a full one.'],
  ['timeout', 'How long a request may take, all attempts together. Then 504 UT.'],
  [
    'retries',
    'When and how often the proxy sends a request again. Istio default: 2 on connect-failure and the like.',
  ],
  ['attempts', 'How often a request is sent again; the first try is not counted.'],
  ['perTryTimeout', 'How long one attempt may take; default is the timeout.'],
  [
    'retryOn',
    'Conditions: 5xx, gateway-error, connect-failure, reset, retriable-4xx, or status codes.',
  ],
  ['backoff', 'Base of the pause before the next attempt; it doubles, with jitter.'],
  ['fault', 'Delays or aborts that the proxy makes up.'],
  ['mirror', 'A copy of each request goes there; its answer is thrown away.'],
  ['match', 'Conditions of this route: the first route that matches is taken.'],
  ['connectionPool', 'Limits of a client proxy towards this host. Each proxy counts for itself.'],
  ['http1MaxPendingRequests', 'How many requests may wait for a connection. One more: 503 UO.'],
  ['http2MaxRequests', 'How many requests may be under way. One more: 503 UO.'],
  ['maxConnections', 'How many connections a proxy opens to this host.'],
  ['maxRequestsPerConnection', 'After so many requests a connection is closed; 0 = no limit.'],
  ['outlierDetection', 'When a proxy takes an endpoint out of rotation.'],
  [
    'consecutive5xxErrors',
    'So many 5xx in a row, counted by one proxy, eject an endpoint. Default 5.',
  ],
  ['interval', 'Time between two sweeps: only a sweep takes an endpoint back. Default 10s.'],
  ['baseEjectionTime', 'First ejection lasts so long, the n-th n times as long. Default 30s.'],
  [
    'maxEjectionPercent',
    'Share of the endpoints that may be out. Default 10 %: never rounds down to none.',
  ],
  ['minHealthPercent', 'Below this share of healthy endpoints ejections are ignored.'],
  ['loadBalancer', 'How an endpoint is chosen; LEAST_REQUEST by default.'],
  ['trafficPolicy', 'Load balancing, limits, ejection and TLS towards a host or subset.'],
  ['seed', 'Same file, same seed, same run.'],
  ['duration', 'How long load is offered.'],
  ['workloads', 'How workloads behave: latency, errors, calls, concurrency.'],
  ['clients', 'Who sends requests: from, request, load.'],
  ['latency', 'A duration, or a distribution such as { p50: 10ms, p99: 80ms }.'],
  ['errors', 'Shares of requests that fail, by status: { 503: 5% }; also reset, hang, refuse.'],
  ['load', '{ rate: 50/s }, { concurrency: 10 } or stages.'],
  ['timeline', 'What happens when: apply, scale, kill, set.'],
  ['expect', 'What must hold: that, is, during.'],
  ['that', 'A query: requests{code="503"} / requests, p99(latency{…}), count(ejections{…}).'],
  ['is', '< X, >= X, A..B, X ± Y, or ~X: inside the 99 % interval of what was seen.'],
  ['during', 'A part of the run: 30s..60s.'],
]);

/** Field names where a key may stand. */
export function completeField(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const word = /(?:^\s*(?:- )?|[{,]\s*)(\w*)$/.exec(before);
  if (word === null || (word[1] === '' && !context.explicit)) return null;
  return {
    from: context.pos - word[1]!.length,
    options: [...FIELDS].map(([label, info]) => ({
      label,
      info,
      apply: `${label}: `,
      type: 'property',
    })),
    validFor: /^\w*$/,
  };
}

/** What the field under the pointer means. */
export function documentationOf(view: EditorView, pos: number): Tooltip | null {
  const line = view.state.doc.lineAt(pos);
  const offset = pos - line.from;
  for (const match of line.text.matchAll(/(\w+)\s*:/g)) {
    const start = match.index;
    const name = match[1]!;
    const says = FIELDS.get(name);
    if (says === undefined || offset < start || offset > start + name.length) continue;
    return {
      pos: line.from + start,
      end: line.from + start + name.length,
      create: () => {
        const dom = document.createElement('div');
        dom.className = 'fielddoc';
        dom.textContent = `${name}: ${says}`;
        return { dom };
      },
    };
  }
  return null;
}
