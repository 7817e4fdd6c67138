import { spanTree, type TreeSpan } from '#mesh/span-tree.ts';
import type { Span } from '#telemetry/recorder.ts';

/** A piece of a request that nothing inside accounts for, and how long it took. */
export interface TimeSpent {
  readonly span: Span;
  /** The nearest proxy's stream around it. */
  readonly proxy: Span | undefined;
  readonly spentNs: number;
}

/**
 * Where a request's time went: of each piece what is left when the pieces inside it are taken away.
 * What outlasts the piece around it is cut off there: nobody waited for it. Of pieces side by side the
 * one that ends last is what was waited for.
 */
export function timeSpent(spans: readonly Span[]): readonly TimeSpent[] {
  const tree = spanTree(spans);
  const inside = new Map<number, number[]>();
  tree.forEach(({ parent }, index) => {
    const known = inside.get(parent);
    if (known === undefined) inside.set(parent, [index]);
    else known.push(index);
  });
  const found: TimeSpent[] = [];
  const visit = (index: number, fromNs: number, toNs: number): void => {
    let untilNs = toNs;
    let ownNs = 0;
    const { startNs } = tree[index]!.span;
    for (const child of lastFirst(inside.get(index) ?? [], tree)) {
      const { span } = tree[child]!;
      const endNs = Math.min(span.endNs, untilNs);
      const beginNs = Math.max(span.startNs, fromNs, startNs);
      if (endNs <= beginNs) continue;
      ownNs += untilNs - endNs;
      visit(child, beginNs, endNs);
      untilNs = beginNs;
    }
    ownNs += Math.max(0, untilNs - Math.max(fromNs, startNs));
    if (ownNs > 0)
      found.push({ span: tree[index]!.span, proxy: proxyOf(index, tree), spentNs: ownNs });
  };
  for (const root of inside.get(-1) ?? []) {
    const { span } = tree[root]!;
    if (span.kind === 'client') visit(root, span.startNs, span.endNs);
  }
  return found;
}

function lastFirst(indices: readonly number[], tree: readonly TreeSpan[]): readonly number[] {
  return indices.toSorted((a, b) => tree[b]!.span.endNs - tree[a]!.span.endNs || b - a);
}

function proxyOf(index: number, tree: readonly TreeSpan[]): Span | undefined {
  for (let at = index; at >= 0; at = tree[at]!.parent)
    if (tree[at]!.span.kind === 'proxy') return tree[at]!.span;
  return undefined;
}
