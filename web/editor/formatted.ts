import { parseAllDocuments } from 'yaml-itself';

/** The text as YAML is usually laid out; comments stay. Undefined if it is not sound. */
export function formatted(text: string): string | undefined {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0))
    return undefined;
  // Both ways of lists are usual: the file's own stays.
  const indentSeq = !/^( *)[^\s#-][^#\n]*:[ \t]*\n\1- /m.test(text);
  return documents.map((document) => document.toString({ lineWidth: 0, indentSeq })).join('');
}
