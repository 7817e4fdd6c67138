import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import type { Span } from '#telemetry/recorder.ts';
import { spanTree } from './span-tree.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const files = {
  readFile: (path: string) => ({ text: readFileSync(ROOT + path, 'utf8') }),
  listFiles: () => undefined,
};

/** The pieces of every request of a scenario, by request. */
function tracesOf(name: string): readonly (readonly Span[])[] {
  const { scenario } = loadScenario(`scenarios/${name}/scenario.yaml`, files);
  const { experiment } = prepareExperiment(scenario!, files);
  const traces = new Map<string, Span[]>();
  const trace = (span: Span) => {
    const key = `${span.streamHash} ${span.rootNumber}`;
    const known = traces.get(key);
    if (known === undefined) traces.set(key, [span]);
    else known.push(span);
  };
  new Run(experiment!, { trace }).finish();
  return [...traces.values()];
}

/** From the root: `client a > proxy b`. */
function wayOf(trace: readonly Span[], wanted: (span: Span) => boolean): string {
  const tree = spanTree(trace);
  const names: string[] = [];
  for (let at = tree.findIndex(({ span }) => wanted(span)); at >= 0; at = tree[at]!.parent)
    names.unshift(`${tree[at]!.span.kind} ${tree[at]!.span.at}`);
  return names.join(' > ');
}

describe('the pieces of a request', () => {
  const retried = tracesOf('retries-and-timeouts');
  const bookinfo = tracesOf('bookinfo');

  it('hang together: all but the client have something around them', () => {
    for (const trace of [...retried, ...bookinfo]) {
      const roots = spanTree(trace).filter(({ parent }) => parent < 0);
      expect(roots.map(({ span }) => span.kind)).toEqual(['client']);
    }
  });

  it('puts a call below the service that makes it, and through both proxies of its way', () => {
    const isRatings = ({ kind, at }: Span) => kind === 'service' && at.startsWith('ratings');
    const trace = bookinfo.find((spans) => spans.some(isRatings))!;
    expect(wayOf(trace, isRatings)).toMatch(
      /^client \w+ > proxy istio-ingressgateway-1 > attempt istio-ingressgateway-1 > proxy productpage-v1-1 > attempt productpage-v1-1 > service productpage-v1-1 > proxy productpage-v1-1 > attempt productpage-v1-1 > proxy (reviews-v\d-1) > attempt \1 > service \1 > proxy \1 > attempt \1 > proxy ratings-v1-1 > attempt ratings-v1-1 > service ratings-v1-1$/,
    );
  });

  it('shows a back-off between the attempt before it and the one behind it', () => {
    const trace = retried.find((spans) => spans.some(({ kind }) => kind === 'backoff'))!;
    const backOff = trace.find(({ kind }) => kind === 'backoff')!;
    const attempts = trace.filter(({ kind, at }) => kind === 'attempt' && at === backOff.at);
    expect(attempts.some(({ endNs }) => endNs === backOff.startNs)).toBe(true);
    expect(attempts.some(({ startNs }) => startNs === backOff.endNs)).toBe(true);
    expect(backOff.reasons?.[0]?.text).toContain('is retried');
  });

  it('waits for a connection that is opened, not for one that is open', () => {
    const attempts = bookinfo.flatMap((trace) => trace.filter(({ kind }) => kind === 'attempt'));
    const connects = bookinfo.flatMap((trace) => trace.filter(({ kind }) => kind === 'connect'));
    expect(connects.length).toBeGreaterThan(0);
    expect(connects.length).toBeLessThan(attempts.length / 10);
  });

  it('shows what goes through a TCP proxy as one attempt, that of bytes with a connection of its own', () => {
    const sessions = tracesOf('tcp-and-tls').filter((trace) =>
      trace.some(({ kind, upstream }) => kind === 'attempt' && upstream?.side === 'outbound'),
    );
    const waits = sessions.flatMap((trace) => trace.filter(({ kind }) => kind === 'pending'));
    const connects = sessions.flatMap((trace) => trace.filter(({ kind }) => kind === 'connect'));
    expect(connects.length).toBeGreaterThan(sessions.length / 3);
    expect(waits.length).toBeLessThan(sessions.length / 10);
  });
});
