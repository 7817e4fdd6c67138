import type { StringMatch } from '#config/istio/shared-shapes.ts';
import type { HttpMatchRequest } from '#config/istio/virtual-service.ts';

/**
 * The conditions of a delegate's route under those of its root: every pair that does not conflict.
 * Undefined when one of the delegate's conditions fits under none of the root's.
 *
 * @source istio: pilot/pkg/model/virtualservice.go, mergeHTTPMatchRequests
 */
export function mergeMatches(
  root: readonly HttpMatchRequest[],
  delegate: readonly HttpMatchRequest[],
): readonly HttpMatchRequest[] | undefined {
  if (root.length === 0) return delegate;
  if (delegate.length === 0) return root;
  const merged: HttpMatchRequest[] = [];
  for (const leaf of delegate) {
    const fitting = root.filter((rootMatch) => !conflicts(rootMatch, leaf));
    if (fitting.length === 0) return undefined;
    merged.push(...fitting.map((rootMatch) => mergeMatch(rootMatch, leaf)));
  }
  return merged;
}

/** @source istio: pilot/pkg/model/virtualservice.go, mergeHTTPMatchRequest */
function mergeMatch(root: HttpMatchRequest, leaf: HttpMatchRequest): HttpMatchRequest {
  return {
    ...leaf,
    name: root.name && leaf.name ? `${root.name}-${leaf.name}` : leaf.name || root.name,
    uri: leaf.uri ?? root.uri,
    scheme: leaf.scheme ?? root.scheme,
    method: leaf.method ?? root.method,
    authority: leaf.authority ?? root.authority,
    headers: united(root.headers, leaf.headers),
    withoutHeaders: united(root.withoutHeaders, leaf.withoutHeaders),
    queryParams: united(root.queryParams, leaf.queryParams),
    port: leaf.port || root.port,
    sourceLabels: united(root.sourceLabels, leaf.sourceLabels),
    sourceNamespace: leaf.sourceNamespace || root.sourceNamespace,
    gateways: leaf.gateways.length === 0 ? root.gateways : leaf.gateways,
    statPrefix: leaf.statPrefix || root.statPrefix,
  };
}

function united<Value>(
  root: ReadonlyMap<string, Value>,
  leaf: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> {
  return new Map([...root, ...leaf]);
}

/** @source istio: pilot/pkg/model/virtualservice.go, hasConflict */
function conflicts(root: HttpMatchRequest, leaf: HttpMatchRequest): boolean {
  return (
    textsConflict(root.uri, leaf.uri) ||
    textsConflict(root.scheme, leaf.scheme) ||
    textsConflict(root.method, leaf.method) ||
    textsConflict(root.authority, leaf.authority) ||
    mapsConflict(root.headers, leaf.headers) ||
    mapsConflict(root.withoutHeaders, leaf.withoutHeaders) ||
    mapsConflict(root.queryParams, leaf.queryParams) ||
    root.ignoreUriCase !== leaf.ignoreUriCase ||
    (root.port > 0 && leaf.port > 0 && root.port !== leaf.port) ||
    (root.sourceNamespace !== '' && leaf.sourceNamespace !== root.sourceNamespace) ||
    labelsConflict(root.sourceLabels, leaf.sourceLabels) ||
    gatewaysConflict(root.gateways, leaf.gateways)
  );
}

function mapsConflict(
  root: ReadonlyMap<string, StringMatch>,
  leaf: ReadonlyMap<string, StringMatch>,
): boolean {
  return [...leaf].some(([key, match]) => textsConflict(root.get(key), match));
}

function labelsConflict(
  root: ReadonlyMap<string, string>,
  leaf: ReadonlyMap<string, string>,
): boolean {
  return [...leaf].some(([key, value]) => root.has(key) && root.get(key) !== value);
}

function gatewaysConflict(root: readonly string[], leaf: readonly string[]): boolean {
  if (root.length === 0 || leaf.length === 0) return false;
  return root.length < leaf.length || leaf.some((gateway) => !root.includes(gateway));
}

/**
 * Whether a delegate's text condition reaches beyond its root's. A regular expression can't be
 * compared: beside any other condition it conflicts.
 *
 * @source istio: pilot/pkg/model/virtualservice.go, stringMatchConflict
 */
function textsConflict(root: StringMatch | undefined, leaf: StringMatch | undefined): boolean {
  if (root === undefined || leaf === undefined) return false;
  const isAny = (match: StringMatch): boolean =>
    Boolean(match.regex || match.prefix || match.exact);
  if (root.regex && isAny(leaf)) return true;
  if (leaf.regex && isAny(root)) return true;
  if (root.exact) return Boolean(leaf.prefix) || leaf.exact !== root.exact;
  const inner = leaf.prefix || leaf.exact;
  if (root.prefix && inner) return !inner.startsWith(root.prefix);
  return true;
}
