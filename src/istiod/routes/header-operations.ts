import type { HeaderOperations, Headers } from '#config/istio/virtual-service.ts';
import { compareText } from '#source/compare-text.ts';
import type { HeaderValueOption } from '#xds/core.ts';
import type { HeaderMutations } from '#xds/route.ts';

/** `headers` of a route or destination: what is added and removed, and the Host that it sets. */
export interface HeaderTranslation {
  readonly mutations: Required<HeaderMutations>;
  /** Empty = the Host stays. */
  readonly authority: string;
}

/**
 * Sets before adds, each by name. `host` and `:authority` set the Host; other pseudo headers cannot
 * be changed and are dropped.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, TranslateHeadersOperations
 */
export function translateHeaders(headers: Headers | undefined): HeaderTranslation {
  if (headers === undefined) return UNCHANGED;
  const request = headers.request ?? NO_OPERATIONS;
  const response = headers.response ?? NO_OPERATIONS;
  return {
    mutations: {
      requestHeadersToAdd: additions(request),
      requestHeadersToRemove: removals(request),
      responseHeadersToAdd: additions(response),
      responseHeadersToRemove: removals(response),
    },
    authority: authorityOf(request.set) || authorityOf(request.add),
  };
}

const NO_MUTATIONS: Required<HeaderMutations> = {
  requestHeadersToAdd: [],
  requestHeadersToRemove: [],
  responseHeadersToAdd: [],
  responseHeadersToRemove: [],
};
/** Most routes leave headers alone. */
const UNCHANGED: HeaderTranslation = { mutations: NO_MUTATIONS, authority: '' };
const NO_OPERATIONS: HeaderOperations = { set: new Map(), add: new Map(), remove: [] };

/** The operations of `first`, then those of `second`. */
export function appendMutations(
  first: Required<HeaderMutations>,
  second: Required<HeaderMutations>,
): Required<HeaderMutations> {
  if (second === NO_MUTATIONS) return first;
  return {
    requestHeadersToAdd: [...first.requestHeadersToAdd, ...second.requestHeadersToAdd],
    requestHeadersToRemove: [...first.requestHeadersToRemove, ...second.requestHeadersToRemove],
    responseHeadersToAdd: [...first.responseHeadersToAdd, ...second.responseHeadersToAdd],
    responseHeadersToRemove: [...first.responseHeadersToRemove, ...second.responseHeadersToRemove],
  };
}

/** Without the lists that are empty: proto-JSON leaves them out. */
export function presentMutations(mutations: Required<HeaderMutations>): HeaderMutations {
  if (mutations === NO_MUTATIONS) return NOTHING;
  const present = Object.entries(mutations).filter(([, list]) => list.length > 0);
  return Object.fromEntries(present);
}

const NOTHING: HeaderMutations = {};

function additions({ set, add }: HeaderOperations): HeaderValueOption[] {
  return [
    ...sortedHeaders(set).map((header) => ({ header, appendAction: OVERWRITE })),
    ...sortedHeaders(add).map((header) => ({ header })),
  ];
}

const OVERWRITE = 'OVERWRITE_IF_EXISTS_OR_ADD' as const;

function sortedHeaders(headers: ReadonlyMap<string, string>) {
  return [...headers]
    .filter(([key]) => !isInternal(key))
    .map(([key, value]) => (value === '' ? { key } : { key, value }))
    .sort((a, b) => compareText(a.key, b.key));
}

function removals({ remove }: HeaderOperations): string[] {
  return remove.filter((key) => !isInternal(key));
}

function authorityOf(headers: ReadonlyMap<string, string>): string {
  let authority = '';
  for (const [key, value] of headers) {
    const name = key.toLowerCase();
    if (name === ':authority' || name === 'host') authority = value;
  }
  return authority;
}

function isInternal(key: string): boolean {
  return key.startsWith(':') || key.toLowerCase() === 'host';
}
