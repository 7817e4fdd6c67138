import type { Span, SpanUpstream } from '#telemetry/recorder.ts';

/** One attempt of a client-side proxy, as a log keeps it. */
export interface LoggedAttempt extends SpanUpstream {
  /** The client's stream of draws and the number of its request. */
  readonly streamHash: number;
  readonly rootNumber: number;
  readonly proxy: string;
  readonly startNs: number;
  readonly endNs: number;
}

/** Every attempt of a run, in order of completion. Memory grows with the run: kept only if asked for. */
export class AttemptLog {
  readonly attempts: LoggedAttempt[] = [];
  readonly #clients = new Map<number, string>();

  /** For `Run`. */
  readonly trace = (span: Span): void => {
    const { kind, at, streamHash, rootNumber, startNs, endNs, upstream } = span;
    if (kind === 'client') this.#clients.set(streamHash, at);
    if (kind !== 'attempt' || upstream?.side !== 'outbound') return;
    this.attempts.push({ ...upstream, streamHash, rootNumber, proxy: at, startNs, endNs });
  };

  /** '' for what belongs to no client. */
  clientOf({ streamHash }: LoggedAttempt): string {
    return this.#clients.get(streamHash) ?? '';
  }
}
