/** Whether every label of a selector is there; an empty one selects all. */
export function selects(
  selector: ReadonlyMap<string, string>,
  labels: ReadonlyMap<string, string>,
): boolean {
  for (const [key, value] of selector) if (labels.get(key) !== value) return false;
  return true;
}

/** `app=web,version=v1`, sorted by key. @source k8s.io/apimachinery: pkg/labels/selector.go, String */
export function selectorText(selector: ReadonlyMap<string, string>): string {
  const pairs = [...selector].sort(([a], [b]) => (a < b ? -1 : 1));
  return pairs.map(([key, value]) => `${key}=${value}`).join(',');
}

/** The first key of a selector's text: the line that istioctl names. */
export function firstKey(selector: ReadonlyMap<string, string>): string {
  return [...selector.keys()].sort()[0] ?? '';
}
