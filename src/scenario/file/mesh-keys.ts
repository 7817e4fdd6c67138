import type { Place } from '#source/diagnostic.ts';
import type { YamlDocument } from '#source/yaml-document.ts';
import { writtenDocument } from './scenario-node.ts';
import type { Shape } from './shape.ts';

/** One entry of `mesh:` or `apply:`: a path to read, or an object written in the scenario. */
export type MeshEntry =
  | { readonly kind: 'path'; readonly path: string; readonly at: Place }
  | { readonly kind: 'inline'; readonly document: YamlDocument; readonly at: Place };

export const meshEntry: Shape<MeshEntry> = {
  expects: 'a file, a directory, a glob, "-" or an object',
  jsonSchema: {
    anyOf: [
      { type: 'string' },
      {
        type: 'object',
        required: ['apiVersion', 'kind'],
        properties: { kind: { type: 'string' } },
      },
    ],
  },
  read(node, report) {
    if (node.kind === 'mapping') {
      if (node.entries.has('kind'))
        return { kind: 'inline', document: writtenDocument(node), at: node.at };
      const hint = 'an object has apiVersion, kind and metadata';
      return report.error('MS0202', node.at, 'the object has no kind', hint);
    }
    if (node.kind === 'scalar' && typeof node.value === 'string')
      return { kind: 'path', path: node.value, at: node.at };
    return report.wanted(this, node);
  },
};
