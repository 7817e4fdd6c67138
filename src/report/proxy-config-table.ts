/**
 * Lines of a table as `istioctl` prints them: cells left-aligned, columns as wide as their longest cell
 * plus `padding`, nothing behind the last cell.
 *
 * @source go: text/tabwriter; istio: istioctl/pkg/writer/envoy/configdump
 */
export function proxyConfigTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  padding: number,
): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(...all.map((row) => [...(row[column] ?? '')].length)),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell.padEnd(widths[column]! + padding),
      )
      .join(''),
  );
  return `${lines.join('\n')}\n`;
}

/** `NAME.NAMESPACE` of the configuration path in an object's metadata; '' when there is none. */
export function configName(metadata: unknown, kind: string): string {
  const istio = member(member(metadata, 'filterMetadata'), 'istio');
  const path = member(istio, 'config');
  if (typeof path !== 'string') return '';
  const match = new RegExp(`/namespaces/([^/]+)/${kind}/([^/]+)$`).exec(path);
  return match === null ? '' : `${match[2]}.${match[1]}`;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
