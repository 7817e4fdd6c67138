import type { Span } from '#telemetry/recorder.ts';
import type { SampledRequest } from '#telemetry/request-sample.ts';
import { Run } from './run.ts';

/** One request of a client with all that happened for it. */
export interface TracedRequest {
  readonly client: string;
  readonly number: number;
  readonly intendedNs: number;
  readonly endNs: number;
  readonly spans: readonly Span[];
  /** The run that was traced: for where its decisions were written down. */
  readonly run: Run;
}

/** Requests of a run as a second one tells them, that keeps what belongs to them; in the given order. */
export function tracedRequests(
  run: Run,
  chosen: readonly SampledRequest[],
): readonly TracedRequest[] {
  const numbers = new Set(chosen.map(({ number }) => number));
  const spansOf = new Map<number, Span[]>();
  const again = new Run(run.experiment, {
    trace: (span) => {
      if (!numbers.has(span.rootNumber)) return;
      const known = spansOf.get(span.rootNumber);
      if (known === undefined) spansOf.set(span.rootNumber, [span]);
      else known.push(span);
    },
  });
  again.finish();
  return chosen.map(({ client: id, number, intendedNs, endNs }) => {
    const client = run.recorder.rows.clients.of(id).name;
    const spans = spansOf.get(number) ?? [];
    const own = spans.find((span) => span.kind === 'client' && span.at === client);
    const ofRequest = spans.filter(({ streamHash }) => streamHash === own?.streamHash);
    return { client, number, intendedNs, endNs, spans: ofRequest, run: again };
  });
}
