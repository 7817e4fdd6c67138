import { scenarioJsonSchema } from '#scenario/file/json-schema.ts';
import type { JsonSchema, JsonSchemaValue } from '#scenario/file/shape.ts';

/**
 * `docs/reference/scenario.md`: every key of a scenario file with what it does and the form of its value,
 * printed from the tables that read the file.
 */
export function scenarioReference(): string {
  const reference = new Reference(scenarioJsonSchema());
  return `# Scenario files

Every key, printed from the code; do not edit. What k6 and Fortio users look for stands in [clients](../clients.md).
Unknown keys are errors with a suggestion.
Editors know all this from \`schema/scenario.schema.json\`: \`# yaml-language-server: $schema=…\`.

${reference.text()}`;
}

/** Titles of the tables, by where they stand. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ['', 'The file'],
  ['workloads.NAME', 'A workload'],
  ['clients.NAME', 'A client'],
  ['external.NAME', 'A host outside'],
  ['timeline[]', 'A step of the timeline'],
  ['expect[]', 'An expectation'],
  ['$request', 'One of several requests'],
  ['$load', 'A load'],
  ['$latency', 'A latency'],
  ['$workloadLatency', 'A latency with exceptions'],
  ['$callStep', 'A call'],
]);

class Reference {
  readonly #schema: JsonSchema;
  readonly #tables: string[] = [];
  /** Tables that are under way or done: the same keys at another place are not told again. */
  readonly #seen = new Set<string>();

  constructor(schema: JsonSchema) {
    this.#schema = schema;
  }

  text(): string {
    this.#visit('', this.#schema);
    for (const [name, schema] of entriesOf(this.#schema['$defs']))
      if (isObject(schema)) this.#visit(`$${name}`, schema);
    return `${this.#tables.join('\n\n')}\n`;
  }

  #visit(path: string, schema: JsonSchema): void {
    if (path === 'mesh') return; // Kubernetes' objects have keys of their own.
    for (const table of tablesIn(path, schema)) {
      const rows = entriesOf(table.properties).map(([key, value]) => {
        const of = isObject(value) ? value : {};
        const says = typeof of['description'] === 'string' ? of['description'] : '';
        return `| \`${key}\` | ${formOf(of)} | ${says.replaceAll('|', '\\|')} |`;
      });
      const body = ['| key | form | what |', '| --- | --- | --- |', ...rows].join('\n');
      if (this.#seen.has(body)) continue;
      this.#seen.add(body);
      const title = TITLES.get(table.path) ?? `\`${table.path}\``;
      this.#tables.push(`## ${title}\n\n${body}`);
      for (const [key, value] of entriesOf(table.properties))
        if (isObject(value)) this.#visit(table.path === '' ? key : `${table.path}.${key}`, value);
    }
  }
}

interface Table {
  readonly path: string;
  readonly properties: JsonSchemaValue | undefined;
}

/** Mappings with keys of their own that a value may be, or hold. */
function tablesIn(path: string, schema: JsonSchema): readonly Table[] {
  const { properties, additionalProperties, items, anyOf } = schema;
  const found: Table[] = properties === undefined ? [] : [{ path, properties }];
  if (isObject(additionalProperties)) found.push(...tablesIn(`${path}.NAME`, additionalProperties));
  if (isObject(items)) found.push(...tablesIn(`${path}[]`, items));
  if (Array.isArray(anyOf))
    for (const one of anyOf) if (isObject(one)) found.push(...tablesIn(path, one));
  return found;
}

/** What may stand there, in a few words. */
function formOf(schema: JsonSchema): string {
  const { type, pattern, anyOf, items, additionalProperties, $ref, format } = schema;
  if (Array.isArray(schema['enum']))
    return schema['enum'].map((it) => `\`${String(it)}\``).join(', ');
  if (typeof $ref === 'string') return FORMS.get($ref.slice('#/$defs/'.length)) ?? 'mapping';
  if (Array.isArray(anyOf)) {
    const forms = anyOf.flatMap((one) => (isObject(one) && !isZero(one) ? [formOf(one)] : []));
    return [...new Set(forms)].join(' or ');
  }
  if (typeof pattern === 'string') return patternForm(pattern);
  if (typeof format === 'string') return 'time';
  if (isObject(items)) return `list of ${formOf(items)}`;
  if (isObject(additionalProperties)) return `NAME: ${formOf(additionalProperties)}`;
  if (type === 'object') return 'mapping';
  if (Array.isArray(type)) return 'text';
  return typeof type === 'string' ? (FORMS.get(type) ?? type) : 'anything';
}

const FORMS: ReadonlyMap<string, string> = new Map([
  ['latency', 'duration or distribution'],
  ['workloadLatency', 'duration or distribution'],
  ['load', 'load'],
  ['request', 'request'],
  ['callStep', 'call'],
  ['string', 'text'],
  ['boolean', 'true or false'],
  ['integer', 'whole number'],
]);

/** `0` stands beside many forms. */
function isZero(schema: JsonSchema): boolean {
  return schema['const'] === 0;
}

function patternForm(pattern: string): string {
  if (pattern.includes('%')) return 'percentage';
  return pattern.includes('/') ? 'rate' : 'duration';
}

function entriesOf(
  value: JsonSchemaValue | undefined,
): readonly (readonly [string, JsonSchemaValue])[] {
  return isObject(value) ? Object.entries(value) : [];
}

function isObject(value: JsonSchemaValue | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
