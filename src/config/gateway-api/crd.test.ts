import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Shape } from '#source/shape.ts';
import { describeWithShared } from '../../../test/needs.ts';
import { SHARED } from '../../../test/shared-data.ts';
import {
  GATEWAY_API_GROUP,
  kindNames,
  RESOURCE_KINDS,
  type ResourceKind,
  writtenKind,
} from '../resource-kinds.ts';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly (string | number)[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
}
interface Definition {
  readonly kind: string;
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: { readonly properties: { spec: Schema } } };
    }[];
  };
}

const file = SHARED && join(SHARED, 'real/crds/gateway-api-crds.yaml');

const TYPES: Readonly<Record<string, string>> = {
  enum: 'string',
  int32: 'integer',
  uint32: 'integer',
  list: 'array',
  map: 'object',
};

/** Fields, types and enumerations: what reading goes by. Limits and rules are the API server's. */
function ofShape(shape: Shape): unknown {
  return {
    type: TYPES[shape.type] ?? shape.type,
    enum: shape.values && [...shape.values].sort(),
    fields: shape.fields && sorted([...shape.fields].map(([name, it]) => [name, ofShape(it)])),
    item: shape.item && ofShape(shape.item),
  };
}

function ofSchema(schema: Schema): unknown {
  const nested = schema.items ?? schema.additionalProperties;
  const texts = schema.enum?.filter((value) => typeof value === 'string');
  return {
    type: schema.type,
    enum: texts?.length ? [...texts].sort() : undefined,
    fields:
      schema.properties &&
      sorted(Object.entries(schema.properties).map(([name, it]) => [name, ofSchema(it)])),
    item: nested && ofSchema(nested),
  };
}

function sorted(entries: readonly (readonly [string, unknown])[]): unknown {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

const kinds = kindNames().filter((kind) => RESOURCE_KINDS[kind].group === GATEWAY_API_GROUP);

describeWithShared('the field tables and the Gateway API’s definitions', () => {
  const documents = file === undefined ? [] : parseAllDocuments(readFileSync(file, 'utf8'));
  const definitions = documents.flatMap((document): Definition[] => {
    const value: Definition | null = document.toJS();
    return value?.kind === 'CustomResourceDefinition' ? [value] : [];
  });

  it.each(kinds)('%s has every field of its definition, and no other', (kind) => {
    const table: ResourceKind = RESOURCE_KINDS[kind];
    const { versions } = definitions.find(
      ({ spec }) => spec.names.kind === writtenKind(kind),
    )!.spec;
    const newest = versions.find(({ name }) => name === 'v1')!.schema.openAPIV3Schema;
    expect(ofShape(table.spec)).toEqual(ofSchema(newest.properties.spec));
    expect(table.versions).toEqual(expect.arrayContaining(versions.map(({ name }) => name)));
  });
});
