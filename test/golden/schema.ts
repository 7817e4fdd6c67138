import { readFileSync } from 'node:fs';

interface Schema {
  readonly [key: string]: unknown;
}

/** What of a document does not follow its published schema, by the keywords that our schemas use. */
export function schemaMistakes(document: unknown, name: string): readonly string[] {
  return new SchemaFile(name).mistakes(JSON.parse(JSON.stringify(document)));
}

class SchemaFile {
  readonly #root: Schema;

  constructor(name: string) {
    const url = new URL(`../../schema/${name}.schema.json`, import.meta.url);
    this.#root = JSON.parse(readFileSync(url, 'utf8'));
  }

  mistakes(value: unknown, rule: Schema = this.#root, path = ''): readonly string[] {
    const { $ref: reference, anyOf, type, items } = rule;
    if (typeof reference === 'string') return this.#referenced(value, reference, path);
    if (Array.isArray(anyOf)) {
      const branches = anyOf.map((branch: Schema) => this.mistakes(value, branch, path));
      return branches.some((branch) => branch.length === 0) ? [] : (branches[0] ?? []);
    }
    if ('const' in rule && rule['const'] !== value) return [`${path}: not ${rule['const']}`];
    const choices = rule['enum'];
    if (Array.isArray(choices) && !choices.includes(value)) return [`${path}: ${value}`];
    const types: readonly unknown[] = type === undefined ? [] : [type].flat();
    if (types.length > 0 && !types.some((one) => isOfType(value, one)))
      return [`${path}: ${JSON.stringify(value)} is no ${types.join(' or ')}`];
    if (Array.isArray(value))
      return value.flatMap((item, at) => this.mistakes(item, items as Schema, `${path}[${at}]`));
    return typeof value === 'object' && value !== null ? this.#ofObject(value, rule, path) : [];
  }

  #referenced(value: unknown, reference: string, path: string): readonly string[] {
    const name = /^([\w-]+)\.schema\.json$/.exec(reference)?.[1];
    if (name !== undefined) return new SchemaFile(name).mistakes(value).map((it) => path + it);
    const definitions = this.#root['$defs'] as { readonly [name: string]: Schema };
    return this.mistakes(value, definitions[reference.replace('#/$defs/', '')], path);
  }

  #ofObject(value: object, rule: Schema, path: string): readonly string[] {
    const properties = (rule['properties'] ?? {}) as { readonly [name: string]: Schema };
    const required = (rule['required'] ?? []) as readonly string[];
    const missing = required
      .filter((key) => !Object.hasOwn(value, key))
      .map((key) => `${path}.${key} is missing`);
    const wrong = Object.entries(value).flatMap(([key, item]) => {
      const own = Object.hasOwn(properties, key) ? properties[key] : rule['additionalProperties'];
      if (own === false || own === undefined) return [`${path}.${key} is not in the schema`];
      return this.mistakes(item, own as Schema, `${path}.${key}`);
    });
    return [...missing, ...wrong];
  }
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object')
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
