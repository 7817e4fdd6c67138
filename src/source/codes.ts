/**
 * The diagnostics that reading a text can give, by code; documented, never reused.
 * MS0100–MS0119 belong to this folder.
 */
export const SOURCE_CODES = {
  MS0100: 'The text is not valid YAML.',
  MS0101: 'A key stands twice in one mapping.',
  MS0102: 'A file is larger, deeper or has more documents than meshsim reads.',
  MS0103: 'An alias has no anchor, or aliases stand for too many nodes.',
  MS0104: 'A mapping has a key that is no text.',
  MS0105: 'A merge key (`<<`) holds something that is no mapping.',
  MS0106: 'A file could not be read.',
} as const;

export type SourceCode = keyof typeof SOURCE_CODES;
