import {
  type AccessLogFormatter,
  jsonAccessLog,
  textAccessLog,
} from '#envoy/access-log/access-log.ts';
import type { EndedStream, ProxyObserver } from '#envoy/proxy-environment.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import { ISTIO_JSON_FORMAT, ISTIO_TEXT_FORMAT } from '#xds/istio-access-log-format.ts';

/** One stream of one proxy, as a span. */
export interface LoggedStream {
  readonly proxy: string;
  /** The same for all streams of one root request: its number, and the stream of draws of its client. */
  readonly rootNumber: number;
  readonly streamHash: number;
  readonly callPathHash: number;
  readonly attempt: number;
  readonly startNs: number;
  readonly endNs: number;
  /** Empty for TCP. */
  readonly method: string;
  readonly authority: string;
  readonly path: string;
  readonly cluster: string;
  readonly host: string;
  readonly code: number;
  readonly flags: string;
}

export interface StreamLogOptions {
  /** The wall clock at virtual time 0, in ms since 1970. */
  readonly epochMs: number;
  /** Whether to keep lines of an access log, streams, or both. */
  readonly accessLog: 'text' | 'json' | undefined;
  readonly keepsStreams: boolean;
}

/** What the proxies of a run log, in order of completion. Memory grows with the run: only if asked for. */
export class StreamLog {
  /** Each with its newline. */
  readonly lines: string[] = [];
  readonly streams: LoggedStream[] = [];
  readonly #options: StreamLogOptions;
  readonly #formatter: AccessLogFormatter | undefined;

  constructor(options: StreamLogOptions) {
    this.#options = options;
    const report = () => {}; // Istio's own formats have nothing to report.
    if (options.accessLog === 'text') this.#formatter = textAccessLog(ISTIO_TEXT_FORMAT, report);
    if (options.accessLog === 'json') this.#formatter = jsonAccessLog(ISTIO_JSON_FORMAT, report);
  }

  observerOf(proxy: string): ProxyObserver {
    return {
      wantsAttempts: false,
      onStreamEnd: (stream) => this.#ended(proxy, stream),
      onAttemptEnd: () => {},
      onOutlierEvent: () => {},
    };
  }

  #ended(proxy: string, { info, key, finalRequest: request, response }: EndedStream): void {
    const { epochMs, keepsStreams } = this.#options;
    if (this.#formatter !== undefined) {
      const responseHeaders = response?.headers;
      const context = {
        request,
        responseHeaders,
        responseTrailers: undefined,
        stream: info,
        key,
        epochMs,
      };
      this.lines.push(this.#formatter.line(context));
    }
    if (!keepsStreams) return;
    const { rootNumber, streamHash, callPathHash, attempt } = key;
    this.streams.push({
      proxy,
      rootNumber,
      streamHash,
      callPathHash,
      attempt,
      startNs: info.startNs,
      endNs: info.endNs,
      method: request?.method ?? '',
      authority: request?.authority ?? '',
      path: request?.path ?? '',
      cluster: info.upstreamCluster,
      host: info.upstreamHost,
      code: info.responseCode,
      flags: flagsText(info.responseFlags),
    });
  }
}
