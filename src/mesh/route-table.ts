import type { Diagnostic, Place } from '#source/diagnostic.ts';
import {
  boolean,
  type Infer,
  int32,
  list,
  map,
  object,
  openObject,
  optional,
  string,
} from '#source/shape.ts';
import { readShape } from '#source/shape-read.ts';
import type { YamlDocument } from '#source/yaml-document.ts';

const destinationShape = openObject({
  destination: openObject({
    host: string(),
    subset: string(),
    port: openObject({ number: int32() }),
  }),
  weight: optional(int32()),
});
export type WantedDestination = Infer<typeof destinationShape>;

const caseShape = object({
  description: string(),
  /** Whether the request must, or must not, go where `route` says. */
  wantMatch: optional(boolean()),
  /** Ours: the caller, where it is not that of the command line. */
  from: string(),
  request: object({
    authority: list(string()),
    method: list(string()),
    uri: list(string()),
    headers: map(string()),
  }),
  route: list(destinationShape),
  redirect: openObject({ uri: string(), authority: string() }),
  /** Ours: an answer of the proxy itself. */
  status: optional(int32()),
});

const tableShape = openObject({ testCases: list(caseShape) });

/** One request of a table and where it is wanted. */
export interface TableRequest {
  readonly description: string;
  readonly from: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly wantsMatch: boolean;
  readonly wanted: {
    readonly route: readonly WantedDestination[];
    readonly redirect: { readonly uri: string; readonly authority: string } | undefined;
    readonly status: number | undefined;
  };
  readonly at: Place;
}

/**
 * The requests of a table in the format of istio-config-validator: every combination of each case's
 * authorities, methods and paths. `from`, `status` and a missing `wantMatch` are ours.
 */
export function readRouteTable(
  document: YamlDocument,
  from: string,
  diagnostics: Diagnostic[],
): readonly TableRequest[] {
  const problems: Parameters<typeof readShape>[3] = [];
  const table = readShape(tableShape, document.value, [], problems);
  for (const { path, part, message } of problems)
    diagnostics.push({
      code: 'MS0121',
      severity: 'error',
      message,
      at: document.placeOf(path, part),
    });
  return (table?.testCases ?? []).flatMap((it, index) => {
    const { authority = [], method = [], uri = [], headers = new Map() } = it.request ?? {};
    const combinations = orOne(authority, '').flatMap((host) =>
      orOne(method, 'GET').flatMap((verb) =>
        orOne(uri, '/').map((path) => ({ method: verb, url: `http://${host}${path}` })),
      ),
    );
    return combinations.map((combination) => ({
      ...combination,
      description: it.description,
      from: it.from || from,
      headers: [...headers].map(([name, value]) => [name.toLowerCase(), value] as const),
      wantsMatch: it.wantMatch ?? true,
      wanted: { route: it.route, redirect: it.redirect, status: it.status },
      at: document.placeOf(['testCases', index]),
    }));
  });
}

function orOne(values: readonly string[], otherwise: string): readonly string[] {
  return values.length === 0 ? [otherwise] : values;
}
