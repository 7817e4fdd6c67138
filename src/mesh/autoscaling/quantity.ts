const FACTORS: ReadonlyMap<string, number> = new Map([
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['', 1],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['Ki', 1024],
  ['Mi', 1024 ** 2],
  ['Gi', 1024 ** 3],
]);

/**
 * The number of a Kubernetes quantity: `500m`, `0.5`, `2`, `1Ki`; undefined when it is none.
 *
 * @source kubernetes: apimachinery/pkg/api/resource/quantity.go
 */
export function quantityOf(written: unknown): number | undefined {
  if (typeof written !== 'string' && typeof written !== 'number') return undefined;
  const [, number, suffix = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(String(written)) ?? [];
  const factor = FACTORS.get(suffix);
  if (number === undefined || factor === undefined || !Number.isFinite(Number(number)))
    return undefined;
  return Number(number) * factor;
}
