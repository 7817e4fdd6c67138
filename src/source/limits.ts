/**
 * What a text may ask of us. Input is hostile: a file that is larger, deeper or more tangled than
 * this is refused with a diagnostic, never half read.
 */

/** Characters of one file. A dump of a whole cluster is tens of megabytes. */
export const MAX_FILE_CHARACTERS = 64 * 1024 * 1024;
/** Documents of one file. */
export const MAX_DOCUMENTS = 200_000;
/** Mappings and sequences within one another. */
export const MAX_DEPTH = 100;
/** Nesting, counted coarsely, up to which the full parser is asked; the rest is refused unread. */
export const MAX_PARSER_DEPTH = 300;
/** Nodes that the aliases of one document may stand for, together. */
export const MAX_ALIASED_NODES = 100_000;
/** Syntax errors reported for one file; the rest follow from the first. */
export const MAX_SYNTAX_ERRORS = 20;
/** Characters of a line shown under a diagnostic. */
export const MAX_SHOWN_LINE = 160;
