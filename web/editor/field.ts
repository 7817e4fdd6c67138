import scenarioSchema from '../../schema/scenario.schema.json';
import { HINTS } from './hints.ts';
import istio from './istio-fields.json';

/** A field of a file, and what may stand below it. */
export interface Field {
  readonly says?: string;
  readonly of?: Readonly<Record<string, Field>>;
  readonly values?: readonly string[];
  /** Below a name of one's own. */
  readonly any?: Field;
}

const METADATA: Field = {
  says: 'Name, namespace, labels and annotations.',
  of: {
    name: { says: 'Its name, unique in the namespace.' },
    namespace: { says: 'The namespace that it lives in; `default` unless written.' },
    labels: { says: 'Labels, by which others select it.' },
    annotations: { says: 'Annotations, by which features are switched.' },
  },
};

const KINDS: ReadonlyMap<string, Field> = new Map(Object.entries<Field>(istio));

/** What may stand in a document: a manifest by its kind, else a scenario. */
export function rootField(lines: readonly string[]): Field {
  const kind = lines.map((line) => /^kind:\s*["']?(\w+)/.exec(line)?.[1]).find(Boolean);
  if (kind === undefined)
    return lines.some((line) => /^apiVersion:/.test(line)) ? MANIFEST : SCENARIO;
  const group = lines.map((line) => /^apiVersion:\s*["']?([\w.]+)\//.exec(line)?.[1]).find(Boolean);
  // Istio and the Gateway API both have a Gateway.
  const spec = KINDS.get(`${group}/${kind}`) ?? KINDS.get(kind);
  return { of: { ...MANIFEST.of, ...(spec === undefined ? {} : { spec }) } };
}

const API_VERSIONS = [
  'networking.istio.io/v1',
  'security.istio.io/v1',
  'telemetry.istio.io/v1',
  'gateway.networking.k8s.io/v1',
  'apps/v1',
  'v1',
];

const MANIFEST: Field = {
  of: {
    apiVersion: { values: API_VERSIONS },
    kind: {
      says: 'What it is.',
      values: [...[...KINDS.keys()].filter((kind) => !kind.includes('/')), 'Deployment', 'Service'],
    },
    metadata: METADATA,
    spec: { says: 'What is wanted.' },
  },
};

/** The field at the end of a path; lists are passed through. */
export function fieldAt(root: Field, path: readonly string[]): Field | undefined {
  let field: Field | undefined = root;
  for (const name of path) field = ownField(field?.of, name) ?? field?.any;
  return field;
}

function ownField(of: Field['of'], name: string): Field | undefined {
  return of !== undefined && Object.hasOwn(of, name) ? of[name] : undefined;
}

/** What the API says of a field, and what follows from it in a run. */
export function textOf(name: string, field: Field | undefined): string {
  return [field?.says, HINTS.get(name)].filter((text) => text !== undefined).join('\n\n');
}

type JsonSchema = { readonly [keyword: string]: unknown };

/** As the schema that ships with the package has it; what refers to itself is looked into when asked. */
function fieldOfSchema(schema: JsonSchema): Field {
  const described = schema['description'];
  const whole = expanded(schema);
  const texts = whole.flatMap((it) => (Array.isArray(it['enum']) ? it['enum'].map(String) : []));
  const isBoolean = whole.some(({ type }) => type === 'boolean');
  const values = isBoolean ? [...texts, 'true', 'false'] : texts;
  return {
    ...(typeof described === 'string' ? { says: described } : {}),
    ...(values.length === 0 ? {} : { values }),
    get of() {
      const all = whole.flatMap((it) => Object.entries(recordOf(it['properties'])));
      return Object.fromEntries(all.map(([name, it]) => [name, fieldOfSchema(recordOf(it))]));
    },
    get any() {
      const below = whole.map((it) => recordOf(it['additionalProperties']));
      const found = below.find((it) => Object.keys(it).length > 0);
      return found && fieldOfSchema(found);
    },
  } as Field; // Getters of what may be undefined.
}

/** A schema with all that it refers to, its alternatives and its items. */
function expanded(schema: JsonSchema, depth = 0): readonly JsonSchema[] {
  if (depth > 8) return [];
  const ref = schema['$ref'];
  const name = typeof ref === 'string' ? (ref.split('/').at(-1) ?? '') : '';
  const others = [
    recordOf(recordOf(recordOf(scenarioSchema)['$defs'])[name]),
    recordOf(schema['items']),
    ...['anyOf', 'oneOf', 'allOf'].flatMap((key) => listOf(schema[key])),
  ].filter((it) => Object.keys(it).length > 0);
  return [schema, ...others.flatMap((it) => expanded(it, depth + 1))];
}

function recordOf(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonSchema) // An object of the schema.
    : {};
}

function listOf(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}

const SCENARIO = fieldOfSchema(recordOf(scenarioSchema));
