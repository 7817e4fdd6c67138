import {
  type AccessLogFormatter,
  accessLogFormatter,
  jsonAccessLog,
  textAccessLog,
} from '#envoy/access-log/access-log.ts';
import { compileLogFilter, type LogFilter } from '#envoy/access-log/log-filter.ts';
import type { EndedStream, ProxyObserver } from '#envoy/proxy-environment.ts';
import { memoOf } from '#kernel/memo.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import { ISTIO_JSON_FORMAT, ISTIO_TEXT_FORMAT } from '#xds/istio-access-log-format.ts';
import type { AccessLog } from '#xds/listener.ts';

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

export type AccessLogKind = 'text' | 'json' | 'configured';

export interface StreamLogOptions {
  /** The wall clock at virtual time 0, in ms since 1970. */
  readonly epochMs: number;
  /**
   * Which lines to keep: all streams in a format of Istio's, or what the proxies' configuration logs
   * in its own. Undefined = none.
   */
  readonly accessLog: AccessLogKind | undefined;
  readonly keepsStreams: boolean;
}

/** Who observes the streams of each proxy of a run. */
export interface StreamObservers {
  observerOf(proxy: string): ProxyObserver;
}

/** Several logs of one run. */
export function logsTogether(logs: readonly StreamLog[]): StreamObservers {
  return {
    observerOf(proxy) {
      const observers = logs.map((log) => log.observerOf(proxy));
      return {
        wantsAttempts: false,
        onStreamEnd: (stream) => {
          for (const observer of observers) observer.onStreamEnd(stream);
        },
        onAttemptEnd: () => {},
        onOutlierEvent: () => {},
      };
    },
  };
}

/** What the proxies of a run log, in order of completion. Memory grows with the run: only if asked for. */
export class StreamLog implements StreamObservers {
  /** Each with its newline. */
  readonly lines: string[] = [];
  readonly streams: LoggedStream[] = [];
  readonly #options: StreamLogOptions;
  readonly #loggers: Loggers | undefined;

  constructor(options: StreamLogOptions) {
    this.#options = options;
    this.#loggers = options.accessLog && LOGGERS[options.accessLog]();
  }

  observerOf(proxy: string): ProxyObserver {
    return {
      wantsAttempts: false,
      onStreamEnd: (stream) => this.#ended(proxy, stream),
      onAttemptEnd: () => {},
      onOutlierEvent: () => {},
    };
  }

  #ended(proxy: string, stream: EndedStream): void {
    const { epochMs, keepsStreams } = this.#options;
    const { info, key, finalRequest: request, response } = stream;
    if (this.#loggers !== undefined) {
      const responseHeaders = response?.headers;
      const context = {
        request,
        responseHeaders,
        responseTrailers: undefined,
        stream: info,
        key,
        epochMs,
      };
      for (const { filter, formatter } of this.#loggers(stream)) {
        if (filter(context)) this.lines.push(formatter.line(context));
      }
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

interface Logger {
  readonly filter: LogFilter;
  readonly formatter: AccessLogFormatter;
}

/** Who logs a stream. */
type Loggers = (stream: EndedStream) => readonly Logger[];

/** Problems of configuration were reported where it was read. */
const ignore = (): void => {};

const LOGGERS: { readonly [kind in AccessLogKind]: () => Loggers } = {
  text: () => everything(textAccessLog(ISTIO_TEXT_FORMAT, ignore)),
  json: () => everything(jsonAccessLog(ISTIO_JSON_FORMAT, ignore)),
  configured: configuredLoggers,
};

function everything(formatter: AccessLogFormatter): Loggers {
  const loggers = [{ filter: () => true, formatter }];
  return () => loggers;
}

/** What goes into files, standard output among them; other sinks are somewhere else. */
const FILE_LOG = /\.(FileAccessLog|StdoutAccessLog|StderrAccessLog)$/;

function configuredLoggers(): Loggers {
  const loggersOf = memoOf((accessLog: readonly AccessLog[]): readonly Logger[] =>
    accessLog
      .filter(({ typedConfig }) => FILE_LOG.test(typedConfig?.['@type'] ?? ''))
      .map((xds) => ({
        filter: compileLogFilter(xds.filter, ignore),
        formatter: accessLogFormatter(xds, ignore),
      })),
  );
  return ({ accessLog }) => (accessLog === undefined ? [] : loggersOf(accessLog));
}
