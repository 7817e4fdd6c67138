import { readFileSync, writeFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

/**
 * Writes istio-fields.json, from which the editor completes and explains: the fields of Istio's kinds with
 * the first sentence of each. Called with the path of Istio's manifests/charts/base/files/crd-all.gen.yaml.
 */
const [crds] = process.argv.slice(2);
const kinds = {};
for (const document of parseAllDocuments(readFileSync(crds, 'utf8'))) {
  const { spec } = document.toJS() ?? {};
  if (!/(networking|security|telemetry)\.istio\.io/.test(spec?.group)) continue;
  const version = spec.versions.find(({ storage }) => storage) ?? spec.versions[0];
  const { properties } = version.schema.openAPIV3Schema;
  kinds[spec.names.kind] = fieldOf(properties.spec);
}
const target = new URL('istio-fields.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(kinds)}\n`);

/** `says` in a sentence, `of` the fields below, `values` where only some are possible. */
function fieldOf({ description, type, properties, items, enum: values, additionalProperties }) {
  if (type === 'array' && items !== undefined) return { ...fieldOf(items), ...said(description) };
  const below = properties ?? additionalProperties?.properties;
  const names = Object.keys(below ?? {});
  return {
    ...said(description),
    ...(values === undefined ? {} : { values }),
    ...(type === 'boolean' ? { values: ['true', 'false'] } : {}),
    ...(names.length === 0
      ? {}
      : { of: Object.fromEntries(names.map((name) => [name, fieldOf(below[name])])) }),
  };
}

function said(description) {
  const plain = (description ?? '')
    .replace(/\s*See more details at:.*$/s, '')
    .replace(/\n\nValid Options:.*$/s, '')
    .replace(/\s+/g, ' ');
  const first = /^.*?[.](?= [A-Z]|$)/.exec(plain)?.[0] ?? plain;
  return first === '' ? {} : { says: first };
}
