import type { HttpConnectionManager } from '#xds/listener.ts';
import type { Outcome } from '../router/response-outcome.ts';

/** What a connection manager does to paths before anything looks at them. */
export interface PathNormalization {
  readonly normalizes: boolean;
  readonly mergesSlashes: boolean;
  readonly escapedSlashes: 'keep' | 'reject' | 'redirect' | 'forward';
}

/** `forward`: go on with `path`. `redirect`: the client is to ask for it. `reject`: a bad request. */
export interface NormalizedPath {
  readonly action: 'forward' | 'redirect' | 'reject';
  readonly path: string;
}

export const PATH_NORMALIZATION_FAILED = 'path_normalization_failed';

/**
 * The answer to a request that does not go on.
 *
 * @source envoy: source/common/http/conn_manager_impl.cc, ActiveStream::decodeHeaders
 */
export function pathRefusal({ action, path }: NormalizedPath): Outcome | undefined {
  if (action === 'forward') return undefined;
  const isRedirect = action === 'redirect';
  return {
    status: isRedirect ? 307 : 400,
    flag: undefined,
    details: PATH_NORMALIZATION_FAILED,
    body: '',
    headers: isRedirect ? [['location', path]] : [],
  };
}

const ESCAPED_SLASHES: ReadonlyMap<string, PathNormalization['escapedSlashes']> = new Map([
  ['REJECT_REQUEST', 'reject'],
  ['UNESCAPE_AND_REDIRECT', 'redirect'],
  ['UNESCAPE_AND_FORWARD', 'forward'],
]);

export function compilePathNormalization(xds: HttpConnectionManager): PathNormalization {
  return {
    normalizes: xds.normalizePath ?? false,
    mergesSlashes: xds.mergeSlashes ?? false,
    escapedSlashes: ESCAPED_SLASHES.get(xds.pathWithEscapedSlashesAction ?? '') ?? 'keep',
  };
}

/**
 * The path that routes are matched with and the upstream gets. A fragment is refused whatever the
 * settings; the query is left alone.
 *
 * @source envoy: source/common/http/conn_manager_utility.cc, maybeNormalizePath;
 *   source/common/http/path_utility.cc
 */
export function normalizedPath(settings: PathNormalization, path: string): NormalizedPath {
  if (path.includes('#')) return { action: 'reject', path };
  const query = path.indexOf('?');
  const end = query < 0 ? path.length : query;
  let justPath = path.slice(0, end);
  let action: NormalizedPath['action'] = 'forward';
  if (settings.escapedSlashes !== 'keep') {
    const unescaped = unescapeSlashes(justPath);
    if (unescaped !== justPath && settings.escapedSlashes !== 'forward') {
      const rejected = unescaped + path.slice(end);
      if (settings.escapedSlashes === 'reject') return { action: 'reject', path: rejected };
      action = 'redirect';
    }
    justPath = unescaped;
  }
  if (settings.normalizes) {
    const canonical = canonicalPath(justPath);
    if (canonical === undefined) return { action: 'reject', path };
    justPath = canonical;
  }
  if (settings.mergesSlashes) justPath = justPath.replace(/\/{2,}/g, '/');
  return { action, path: justPath + path.slice(end) };
}

/** @source envoy: source/common/http/path_utility.cc, unescapeInPath */
function unescapeSlashes(path: string): string {
  return path.replace(/%2f/gi, '/').replace(/%5c/gi, '\\');
}

/**
 * The path as URL parsers write it: `\` is `/`, dot segments are resolved (`%2e` is a dot), what need
 * not be escaped is unescaped, what must be is escaped. Undefined for an escaped NUL.
 *
 * @source googleurl: url/url_canon_path.cc, CanonicalizePath
 */
export function canonicalPath(path: string): string | undefined {
  if (/%00/.test(path)) return undefined;
  const unescaped = path
    .replaceAll('\\', '/')
    .replace(/%([0-9a-f]{2})/gi, (escaped, hex: string) => {
      const letter = String.fromCharCode(Number.parseInt(hex, 16));
      return /[A-Za-z0-9\-._~]/.test(letter) ? letter : escaped;
    })
    .replace(/[^!$-;=@-[\]_a-z~%]/g, percentEncoded);
  const resolved: string[] = [];
  const segments = unescaped.split('/').slice(1);
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === '..') resolved.pop();
    else if (segment !== '.') {
      resolved.push(segment);
      return;
    }
    if (isLast) resolved.push(''); // A path that ends in dots ends in a slash.
  });
  return `/${resolved.join('/')}`;
}

/** Of a Latin-1 character, a byte. */
function percentEncoded(letter: string): string {
  return `%${(letter.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`;
}
