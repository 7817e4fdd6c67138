/**
 * What may stand where in CEL, by kinds of tokens.
 *
 * @source cel-go: parser/gen/CEL.g4; parser/helper.go, reservedIds
 */

/** Kinds of tokens that are values. */
const LITERALS = 'true false null NUM_FLOAT NUM_INT NUM_UINT STRING BYTES'.split(' ');
export const NUMBERS = new Set(['NUM_INT', 'NUM_FLOAT']);
/** What an operand may begin with; the others: an argument, an index, a field. */
export const OPERAND = ['[', '{', '(', '.', '-', '!', ...LITERALS, 'IDENTIFIER'];
export const ARGUMENT = [...OPERAND, ')'];
export const INDEX = [...OPERAND, '?'];
export const FIELD = ['IDENTIFIER', 'ESC_IDENTIFIER'];

/** Signs by how weakly they bind, the weakest first. */
export const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['<', '<=', '>=', '>', '==', '!=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];
/** Names that no variable or function has. */
export const RESERVED = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
/** What an item of a list, a map or a message may begin with. */
export const ITEM = new Set([...INDEX, ...FIELD]);
/** What may follow a minus that is no part of a number. */
export const SIGNED = new Set(OPERAND.filter((kind) => kind !== '!'));
