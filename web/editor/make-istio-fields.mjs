import { readFileSync, writeFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

/**
 * Writes istio-fields.json, from which the editor completes and explains: the fields of the kinds of Istio
 * and of the Gateway API with the first sentence of each. Called with the paths of Istio's
 * manifests/charts/base/files/crd-all.gen.yaml and of the Gateway API's CRDs. A kind that both have is
 * written with its group for the second.
 */
const GATEWAY_API = 'gateway.networking.k8s.io';
const kinds = {};
const documents = process.argv
  .slice(2)
  .flatMap((path) => parseAllDocuments(readFileSync(path, 'utf8')));
for (const document of documents) {
  const { spec } = document.toJS() ?? {};
  const isIstio = /^(networking|security|telemetry)\.istio\.io$/.test(spec?.group);
  if (!isIstio && spec?.group !== GATEWAY_API) continue;
  const version = spec.versions.find(({ storage }) => storage) ?? spec.versions[0];
  const { properties } = version.schema.openAPIV3Schema;
  const { kind } = spec.names;
  const name = !isIstio && kind in kinds ? `${GATEWAY_API}/${kind}` : kind;
  kinds[name] = fieldOf(properties.spec);
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
    ...(values === undefined ? {} : { values: values.map(String) }),
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
