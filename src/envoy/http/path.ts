/**
 * Where the path of `:path` ends: at its query or fragment, else at its end. Matching compares up to
 * here instead of cutting the text.
 *
 * @source envoy: source/common/http/path_utility.cc, PathUtil::removeQueryAndFragment
 */
export function pathEnd(path: string): number {
  const query = path.indexOf('?');
  const fragment = path.indexOf('#');
  if (query < 0) return fragment < 0 ? path.length : fragment;
  return fragment < 0 || query < fragment ? query : fragment;
}

/** The path without query and fragment. */
export function pathWithoutQuery(path: string): string {
  const end = pathEnd(path);
  return end === path.length ? path : path.slice(0, end);
}

/**
 * The first value of a query parameter, as written (nothing is percent-decoded); '' for one without
 * `=`; undefined when it is absent.
 *
 * @source envoy: source/common/http/utility.cc, QueryParamsMulti::parseParameters
 */
export function queryParameter(path: string, name: string): string | undefined {
  const query = path.indexOf('?');
  if (query < 0) return undefined;
  const fragment = path.indexOf('#', query);
  const end = fragment < 0 ? path.length : fragment;
  for (let at = query + 1; at < end; ) {
    const next = path.indexOf('&', at);
    const stop = next < 0 || next > end ? end : next;
    const equals = path.indexOf('=', at);
    const nameEnd = equals < 0 || equals > stop ? stop : equals;
    if (nameEnd - at === name.length && path.startsWith(name, at)) {
      return nameEnd === stop ? '' : path.slice(nameEnd + 1, stop);
    }
    at = stop + 1;
  }
  return undefined;
}
