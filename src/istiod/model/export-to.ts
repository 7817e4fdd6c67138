/**
 * `exportTo`: the namespaces that may see a resource. Entries are `*` (all), `.` (its own),
 * `~` (nobody) and names of namespaces.
 *
 * @source istio: pkg/config/visibility/visibility.go, pilot/pkg/model/push_context.go
 */
export type ExportTo = ReadonlySet<string>;

export const PUBLIC = '*';
export const PRIVATE = '.';
export const NOBODY = '~';

/** What an `exportTo` of a resource in `namespace` comes to, `.` being replaced by the namespace. */
export function resolveExportTo(
  entries: readonly string[] | undefined,
  namespace: string,
  otherwise: readonly string[],
): ExportTo {
  const given = entries === undefined || entries.length === 0 ? otherwise : entries;
  return new Set(given.map((entry) => (entry === PRIVATE ? namespace : entry)));
}

/** Whether a resource of namespace `owner` is seen from `namespace`. */
export function isVisible(exportTo: ExportTo, owner: string, namespace: string): boolean {
  if (exportTo.has(PUBLIC) || exportTo.has(namespace)) return true;
  return exportTo.has(PRIVATE) && owner === namespace;
}

export function equalExportTo(a: ExportTo, b: ExportTo): boolean {
  return a.size === b.size && isSuperset(a, b);
}

export function isSuperset(a: ExportTo, b: ExportTo): boolean {
  for (const entry of b) if (!a.has(entry)) return false;
  return true;
}
