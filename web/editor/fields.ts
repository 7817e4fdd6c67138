import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { Text } from '@codemirror/state';
import type { EditorView, Tooltip } from '@codemirror/view';
import type { ProjectNames } from '../engine/project-names.ts';
import { type Field, fieldAt, rootField, textOf } from './field.ts';
import { nameKeys, nameOptions } from './name-options.ts';
import { yamlKeyAt, yamlPathAt } from './yaml-path.ts';

/** What is completed: names, labels with their prefix, URLs. */
const WORD = /^[\w./:-]*$/;
/** A request of the scenario begins with one of them. */
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];

/** Fields where a key may stand, values where only some are possible. */
export function completeField(
  context: CompletionContext,
  names: ProjectNames | undefined,
): CompletionResult | null {
  const { lines, index, column } = linesAt(context.state.doc, context.pos);
  if (lines[index]!.trimStart().startsWith('#')) return null;
  const { parents, key, word, from, to } = yamlPathAt(lines, index, column);
  if (!WORD.test(word) || (word === '' && !context.explicit)) return null;
  const root = rootField(lines.slice(from, to));
  const options =
    key === undefined
      ? fieldOptions(fieldAt(root, parents))
      : valueOptions(fieldAt(root, [...parents, key]));
  // The method of a request comes before where it goes.
  const isMethod = key === 'request' && !/[A-Z]\s+\S*$/.test(lines[index]!.slice(0, column));
  if (isMethod)
    return {
      from: context.pos - word.length,
      options: METHODS.map((label) => ({ label, type: 'enum', apply: `${label} ` })),
      validFor: WORD,
    };
  const named = names === undefined ? [] : namesAt(names, parents, key);
  if (options.length === 0 && named.length === 0) return null;
  return {
    from: context.pos - word.length,
    options: [...named, ...options],
    validFor: WORD,
  };
}

/** What the project's own objects are called comes before what the API knows. */
function namesAt(
  names: ProjectNames,
  parents: readonly string[],
  key: string | undefined,
): readonly Completion[] {
  const keys = key === undefined ? nameKeys(names, parents) : [];
  return [
    ...nameOptions(names, parents, key).map((one) => ({ ...one, type: 'variable', boost: 1 })),
    ...keys.map((one) => ({ ...one, apply: `${one.label}: `, type: 'property', boost: 1 })),
  ];
}

function fieldOptions(parent: Field | undefined): readonly Completion[] {
  return Object.entries(parent?.of ?? {}).map(([label, field]) => ({
    label,
    info: textOf(label, field) || 'A field.',
    apply: `${label}: `,
    type: 'property',
  }));
}

function valueOptions(field: Field | undefined): readonly Completion[] {
  return (field?.values ?? []).map((label) => ({ label, type: 'enum' }));
}

/** What the field under the pointer means. */
export function documentationOf({ state }: EditorView, pos: number): Tooltip | null {
  const { lines, index, column } = linesAt(state.doc, pos);
  const found = yamlKeyAt(lines, index, column);
  if (found === undefined) return null;
  const { path, at, start } = found;
  const name = path.at(-1)!;
  const says = textOf(name, fieldAt(rootField(lines.slice(at.from, at.to)), path));
  if (says === '') return null;
  const from = state.doc.line(index + 1).from + start;
  return { pos: from, end: from + name.length, create: () => ({ dom: bubble(path, says) }) };
}

function bubble(path: readonly string[], says: string): HTMLElement {
  const dom = document.createElement('div');
  dom.className = 'fielddoc';
  const title = document.createElement('b');
  title.textContent = path.join('.');
  const text = document.createElement('p');
  text.textContent = says;
  dom.append(title, text);
  return dom;
}

function linesAt(doc: Text, pos: number) {
  const line = doc.lineAt(pos);
  return { lines: doc.toString().split('\n'), index: line.number - 1, column: pos - line.from };
}
