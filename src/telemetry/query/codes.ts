/**
 * The diagnostics that an expectation's texts can give, by code; documented, never reused.
 * MS0300–MS0319 belong to this folder.
 */
const QUERY_CODES = {
  MS0300: 'The text is no query.',
  MS0301: 'A metric or function that does not exist.',
  MS0302: 'A label that no metric has.',
  MS0303: 'A regular expression that RE2 does not accept.',
  MS0304: 'Quantities of different kinds are combined.',
  MS0305: 'The comparison is not readable.',
  MS0306: 'The unit of the comparison does not fit what is measured.',
  MS0307: '`~` compares shares, counts and means only.',
} as const;

export type QueryCode = keyof typeof QUERY_CODES;
