import { isAlias, isCollection, isPair, isScalar, type Node } from 'yaml';

/**
 * Finds what an alias stands for: the last anchor of its name before it. One walk on the first alias
 * serves all (the library walks the document for each).
 */
export function aliasResolver(root: Node | null): (alias: Node) => Node | undefined {
  let targets: ReadonlyMap<Node, Node> | undefined;
  return (alias) => {
    targets ??= aliasTargets(root);
    return targets.get(alias);
  };
}

function aliasTargets(root: Node | null): ReadonlyMap<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const node = stack.pop();
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node as Node, target);
    } else if (isPair(node)) {
      stack.push(node.value, node.key);
    } else if (isScalar(node) || isCollection(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node as Node);
      if (isCollection(node))
        for (let index = node.items.length - 1; index >= 0; index--) stack.push(node.items[index]);
    }
  }
  return targets;
}
