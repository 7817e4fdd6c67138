import { HeaderMap } from '#envoy/http/header-map.ts';
import type { RecordedRequest } from './load.ts';
import type { DrawnRequest } from './request-draw.ts';

/** Requests of a log over those that the client draws. Equal requests are one object. */
export class RecordedRequests {
  readonly #made = new Map<RecordedRequest, Map<DrawnRequest, DrawnRequest>>();

  over(drawn: DrawnRequest, recorded: RecordedRequest): DrawnRequest {
    let byDrawn = this.#made.get(recorded);
    if (byDrawn === undefined) {
      byDrawn = new Map();
      this.#made.set(recorded, byDrawn);
    }
    let made = byDrawn.get(drawn);
    if (made === undefined) {
      made = { ...drawn, request: requestOf(drawn, recorded) };
      byDrawn.set(drawn, made);
    }
    return made;
  }
}

function requestOf({ request }: DrawnRequest, recorded: RecordedRequest): DrawnRequest['request'] {
  const headers = new HeaderMap();
  headers.copyFrom(request.headers);
  for (const { name, value } of recorded.headers) headers.set(name, value);
  return {
    ...request,
    method: recorded.method ?? request.method,
    path: recorded.path ?? request.path,
    authority: recorded.authority ?? request.authority,
    headers,
  };
}
