import type { ClientRequest, RowId } from '#telemetry/recorder.ts';
import type { RequestObserver } from '#telemetry/run-recorder.ts';

/** One request of a client, as a log keeps it. */
export interface LoggedRequest {
  readonly client: number;
  /** Its number among the client's requests, from 1. */
  readonly number: number;
  readonly intendedNs: number;
  readonly endNs: number;
  readonly attempts: number;
  /** Its row of kind `client`: code, flags, route, cluster and host. */
  readonly row: RowId;
}

/** Every request of a run, in order of completion. Memory grows with the run: kept only if asked for. */
export class RequestLog {
  readonly requests: LoggedRequest[] = [];

  /** For `Run`. */
  readonly observer: RequestObserver = (request: ClientRequest, attempts, row) => {
    const { client, number, intendedNs, endNs } = request;
    this.requests.push({ client, number, intendedNs, endNs, attempts, row });
  };
}
