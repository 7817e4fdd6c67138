import { HeaderMap } from '#envoy/http/header-map.ts';
import type { HttpRequest, HttpResponse } from '#envoy/network.ts';

/** A request of plain texts, as experiments write them; header names in any case. */
export function scriptedRequest(parts: {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  readonly bodyBytes: number;
}): HttpRequest {
  return { ...parts, scheme: 'http', headers: HeaderMap.of(parts.headers) };
}

export function scriptedResponse(
  status: number,
  headers: Iterable<readonly [name: string, value: string]>,
  body: string,
): HttpResponse {
  return { status, headers: HeaderMap.of(headers), bodyBytes: body.length, bodyText: body };
}

/** The lines of a header map; those of one name joined with a comma. */
export function headerLines(headers: HeaderMap): ReadonlyMap<string, string> {
  const lines = new Map<string, string>();
  headers.names.forEach((name) => {
    lines.set(name, headers.getAll(name).join(', '));
  });
  return lines;
}
