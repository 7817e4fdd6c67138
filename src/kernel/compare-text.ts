/**
 * The order of texts wherever one is needed: by code units, the same in every place and language. It is
 * what Go's `strings.Compare` gives for the names of hosts and objects.
 */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
