import { streamHash } from '#kernel/keyed-random.ts';
import type { RunView } from '#report/run-view.ts';
import { bucketNsFor, buildRunView } from '#report/run-view-builder.ts';
import { viewSpans } from '#report/run-view-spans.ts';
import type { Experiment } from '#scenario/experiment.ts';
import { RequestLog } from '#scenario/request-log.ts';
import { Run } from '#scenario/run.ts';
import type { LoggedRun } from '#scenario/run-comparison.ts';
import type { Span } from '#telemetry/recorder.ts';
import { type RequestSpans, requestKey } from './protocol.ts';

const SLICE_MS = 16;
const LEAST_SLICE_NS = 50e6;
const MAX_SPANS_OF_REQUEST = 400;

/** Work that goes on in slices of real time. */
export interface Job {
  /** Goes on for a slice. False when nothing is left to do. */
  advance(): boolean;
}

/** One run in slices; how far each goes in virtual time follows from how long the last one took. */
export class RunJob implements Job {
  readonly run: Run;
  readonly #log = new RequestLog();
  #sliceNs = 10e6;

  constructor(experiment: Experiment, trace?: (span: Span) => void) {
    const seriesStepNs = bucketNsFor(experiment.scenario.durationNs);
    this.run = new Run(
      experiment,
      trace === undefined ? { seriesStepNs, observer: this.#log.observer } : { trace },
    );
  }

  advance(): boolean {
    const { run } = this;
    const startMs = performance.now();
    run.until(run.nowNs + this.#sliceNs);
    const tookMs = performance.now() - startMs;
    if (tookMs < SLICE_MS / 2) this.#sliceNs *= 2;
    // On a busy machine a slice takes long for reasons of its own: much shorter ones would not help.
    else if (tookMs > SLICE_MS) this.#sliceNs = Math.max(LEAST_SLICE_NS, this.#sliceNs / 2);
    return !run.isOver;
  }

  /** With all its requests, once it is over. */
  logged(): LoggedRun {
    return { run: this.run, result: this.run.result(), log: this.#log };
  }

  view(): RunView {
    return buildRunView(this.run);
  }
}

/** The same run again, to see what happened inside the requests that were sampled. */
export class TraceJob implements Job {
  readonly #spans = new Map<string, Span[]>();
  readonly #job: RunJob;

  constructor(experiment: Experiment, view: RunView) {
    const { seed } = experiment.scenario;
    const wanted = new Map<string, string>();
    for (const request of view.requests)
      wanted.set(
        `${request.number} ${streamHash(seed, `client/${request.client}`)}`,
        requestKey(request),
      );
    this.#job = new RunJob(experiment, (span) => {
      const key = wanted.get(`${span.rootNumber} ${span.streamHash}`);
      if (key !== undefined) this.#keep(key, span);
    });
  }

  advance(): boolean {
    return this.#job.advance();
  }

  /** The waterfalls, once everything is done. */
  get spans(): RequestSpans {
    const { provenance } = this.#job.run.mesh;
    return new Map([...this.#spans].map(([key, spans]) => [key, viewSpans(spans, provenance)]));
  }

  #keep(key: string, span: Span): void {
    const known = this.#spans.get(key);
    if (known === undefined) this.#spans.set(key, [span]);
    else if (known.length < MAX_SPANS_OF_REQUEST) known.push(span);
  }
}
