/**
 * The sentences that say what a key of a scenario is for are in the JSON Schema and the reference; the
 * engine itself never says them, so the page's engine comes without.
 */
export function withoutSchemaTexts() {
  return {
    name: 'without-schema-texts',
    transform(code, id) {
      if (!/\/src\/scenario\/file\/[\w-]+\.ts$/.test(id)) return null;
      const cuts = textsIn(this.parse(code));
      if (cuts.length === 0) return null;
      let cut = code;
      for (const { start, end } of cuts.sort((a, b) => b.start - a.start))
        cut = `${cut.slice(0, start)}''${cut.slice(end)}`;
      return { code: cut, map: null };
    },
  };
}

/** Second arguments of `key(shape, says)` and `requiredKey(shape, says)`. */
function textsIn(node) {
  if (Array.isArray(node)) return node.flatMap(textsIn);
  if (node === null || typeof node !== 'object') return [];
  const inside = Object.values(node).flatMap(textsIn);
  const isKey =
    node.type === 'CallExpression' && /^(key|requiredKey)$/.test(node.callee.name ?? '');
  const says = isKey ? node.arguments[1] : undefined;
  return says?.type === 'Literal' || says?.type === 'TemplateLiteral' ? [...inside, says] : inside;
}
