import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Limits, Shape } from '#source/shape.ts';
import { describeWithShared } from '../../../test/needs.ts';
import { SHARED } from '../../../test/shared-data.ts';
import { isIstioKind, kindNames, RESOURCE_KINDS, type ResourceKind } from '../resource-kinds.ts';

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Alternative[];
  readonly allOf?: readonly { readonly oneOf?: readonly Alternative[] }[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly { rule: string; message: string }[];
}
interface Alternative {
  readonly required?: readonly string[];
}
interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: {
        readonly openAPIV3Schema: { required?: string[]; properties: { spec: Schema } };
      };
    }[];
  };
}

const file = SHARED && join(SHARED, 'real/crds/istio-crds.yaml');

function definitions(): ReadonlyMap<string, Definition> {
  const documents = parseAllDocuments(readFileSync(file!, 'utf8'));
  const found = documents.map((document) => document.toJS() as Definition | null);
  return new Map(found.flatMap((it) => (it ? [[it.spec.names.kind, it] as const] : [])));
}

/** The two spellings of one field are one field here. */
const isAlias = (name: string): boolean => name.includes('_');
const SIMPLE_LIMITS = [
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;

/** What a shape says, in the words of a schema, so that the two can be compared as data. */
function ofShape(shape: Shape): unknown {
  const limits: Limits = shape.limits ?? {};
  const range = numberRange(shape, limits);
  return {
    ...typeOf(shape),
    nullable: shape.isNullable === true,
    enum: shape.type === 'enum' ? shape.values : undefined,
    fields:
      shape.fields === undefined || shape.isOpen
        ? undefined
        : sorted([...shape.fields].map(([name, it]) => [name, ofShape(it)])),
    item: shape.item && ofShape(shape.item),
    aliases: [...(limits.aliases ?? [])].sort(),
    required: [...(limits.required ?? [])].sort(),
    oneOf: (limits.oneOf ?? []).map((group) => [...group].sort()).sort(),
    ...range,
    ...Object.fromEntries(SIMPLE_LIMITS.map((key) => [key, limits[key]])),
    keys: limits.listMapKeys,
    rules: (limits.rules ?? []).map((rule) => ({ rule: rule.cel, message: rule.message })),
  };
}

function numberRange(shape: Shape, limits: Limits): object {
  const isUnsigned = shape.type === 'uint32' || shape.type === 'uint64';
  return {
    minimum: limits.minimum ?? (isUnsigned ? 0 : undefined),
    maximum: limits.maximum ?? (shape.type === 'uint32' ? 4294967295 : undefined),
  };
}

function typeOf(shape: Shape): { type: string; format: string | undefined } {
  const types: Record<string, [string, string?]> = {
    string: ['string'],
    enum: ['string'],
    duration: ['string'],
    bytes: ['string', 'byte'],
    boolean: ['boolean'],
    int32: ['integer', 'int32'],
    uint32: ['integer'],
    uint64: ['integer'],
    double: ['number', 'double'],
    list: ['array'],
    map: ['object'],
    object: ['object'],
  };
  const [type, format] = types[shape.type] ?? [shape.type];
  return { type, format };
}

function ofSchema(schema: Schema): unknown {
  const groups = [schema, ...(schema.allOf ?? [])].flatMap((it) => (it.oneOf ? [it.oneOf] : []));
  const nested = schema.items ?? schema.additionalProperties;
  const limits = schema as Readonly<Record<string, unknown>>;
  return {
    type: schema.type,
    format: schema.format,
    nullable: schema.nullable === true,
    enum: schema.enum,
    fields:
      schema.properties &&
      sorted(
        Object.entries(schema.properties)
          .filter(([name]) => !isAlias(name))
          .map(([name, it]) => [name, ofSchema(it)]),
      ),
    item: nested && ofSchema(nested),
    aliases: Object.keys(schema.properties ?? {})
      .filter(isAlias)
      .sort(),
    required: [...(schema.required ?? [])].sort(),
    oneOf: groups.map((group) => group.flatMap((it) => it.required ?? []).sort()).sort(),
    minimum: schema.minimum,
    maximum: schema.maximum,
    ...Object.fromEntries(SIMPLE_LIMITS.map((key) => [key, limits[key]])),
    keys: schema['x-kubernetes-list-map-keys'],
    rules: (schema['x-kubernetes-validations'] ?? []).map(({ rule, message }) => ({
      rule,
      message,
    })),
  };
}

function sorted(entries: readonly (readonly [string, unknown])[]): unknown {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

describeWithShared('the field tables and the CustomResourceDefinitions', () => {
  const known = file === undefined ? new Map<string, Definition>() : definitions();

  it.each(kindNames().filter(isIstioKind))(
    '%s has every field, type, enum, limit and rule of its definition, and no other',
    (kind) => {
      const { spec } = known.get(kind)!;
      const table: ResourceKind = RESOURCE_KINDS[kind];
      expect([spec.group, [...spec.versions.map((v) => v.name)].sort()]).toEqual([
        table.group,
        [...table.versions].sort(),
      ]);
      for (const version of spec.versions) {
        const required = version.schema.openAPIV3Schema.required ?? [];
        expect(table.requiresSpec === true).toBe(required.includes('spec'));
        expect(ofShape(table.spec)).toEqual(
          ofSchema(version.schema.openAPIV3Schema.properties.spec),
        );
      }
    },
  );
});
