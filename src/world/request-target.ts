import type { RequestScheme, RequestTarget } from './behaviour.ts';

const DEFAULT_PORTS: ReadonlyMap<RequestScheme, number> = new Map([
  ['http', 80],
  ['h2c', 80],
  ['grpc', 80],
  ['https', 443],
  ['tcp', 0],
]);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT'];

export type ParsedTarget =
  | { readonly target: RequestTarget }
  | { readonly problem: string; readonly hint: string };

/** Takes `METHOD URL` (or a URL alone: GET, POST for gRPC) apart. */
export function parseRequestTarget(text: string): ParsedTarget {
  const words = text.trim().split(/\s+/);
  if (words.length > 2) return problem(`"${text}" is no request`);
  const url = words.at(-1)!;
  const match = /^([a-z0-9]+):\/\/([^/?#]*)([^#]*)/i.exec(url);
  if (match === null) {
    const hint = /^[\w.-]+(:\d+)?(\/|$)/.test(url) ? `write http://${url}` : undefined;
    return problem(`"${url}" is no URL: it has no scheme`, hint);
  }
  const scheme = schemeOf(match[1]!.toLowerCase());
  if (scheme === undefined) {
    return problem(`unknown scheme "${match[1]}"`, 'http, https, h2c, grpc and tcp are known');
  }
  const method = words.length === 2 ? words[0]! : scheme === 'grpc' ? 'POST' : 'GET';
  if (!METHODS.includes(method)) return methodProblem(method);
  return withHost(scheme, method, match[2]!, match[3]!);
}

/** The port that needs no mention in a URL of this scheme. */
export function defaultPort(scheme: RequestScheme): number {
  return DEFAULT_PORTS.get(scheme) ?? 0;
}

function schemeOf(text: string): RequestScheme | undefined {
  for (const scheme of DEFAULT_PORTS.keys()) if (scheme === text) return scheme;
  return undefined;
}

function withHost(
  scheme: RequestScheme,
  method: string,
  hostAndPort: string,
  rest: string,
): ParsedTarget {
  const match = /^(\[[0-9a-f:.]+\]|[^:@[\]]+)(?::(\d+))?$/i.exec(hostAndPort);
  if (match === null) return problem(`"${hostAndPort}" is no host`);
  const host = match[1]!.toLowerCase();
  const port = match[2] === undefined ? defaultPort(scheme) : Number(match[2]);
  if (port < 1 || port > 65_535) {
    return problem(
      match[2] === undefined
        ? `a ${scheme}:// URL needs a port`
        : `port ${match[2]} is out of range`,
      'ports go from 1 to 65535',
    );
  }
  const authority = port === defaultPort(scheme) ? match[1]! : `${match[1]}:${port}`;
  const path = rest === '' ? '/' : rest.startsWith('/') ? rest : `/${rest}`;
  return { target: { method, scheme, host, port, authority, path } };
}

function methodProblem(method: string): ParsedTarget {
  const upper = method.toUpperCase();
  return problem(
    `unknown method "${method}"`,
    METHODS.includes(upper) ? `write ${upper}` : `known are ${METHODS.join(', ')}`,
  );
}

function problem(
  text: string,
  hint = 'write METHOD URL, as in GET http://shop/items',
): ParsedTarget {
  return { problem: text, hint };
}
