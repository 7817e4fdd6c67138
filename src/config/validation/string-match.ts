import { RE2JS } from 're2js';
import type { Path } from '#source/path.ts';
import type { StringMatch } from '../istio/shared-shapes.ts';
import { Findings } from './findings.ts';
import { byteLength, quoted } from './go-format.ts';

const MAX_REGEX_BYTES = 1024;

/** @source istio: pkg/config/validation/validation.go, validateStringMatch */
export function checkStringMatch(
  match: StringMatch | undefined,
  where: string,
  path: Path,
): Findings {
  const findings = new Findings();
  if (match?.prefix === '')
    findings.error(path, `${quoted(where)}: prefix string match should not be empty`);
  else findings.add(checkRegexMatch(match, where, path));
  return findings;
}

/** An empty prefix is allowed. @source pkg/config/validation/validation.go, validateStringMatchRegexp */
export function checkRegexMatch(
  match: StringMatch | undefined,
  where: string,
  path: Path,
): Findings {
  const findings = new Findings();
  const regex = match?.regex;
  if (regex === '')
    findings.error(path, `${quoted(where)}: regex string match should not be empty`);
  else if (regex !== undefined) findings.check([...path, 'regex'], regexProblem(regex, where));
  return findings;
}

/** @source istio: pkg/config/validation/validation.go, validateStringRegexp */
export function regexProblem(regex: string, where: string): string | undefined {
  if (byteLength(regex) > MAX_REGEX_BYTES)
    return `${quoted(where)}: regex is too large, max length allowed is ${MAX_REGEX_BYTES}`;
  const problem = re2Problem(regex);
  return problem === undefined
    ? undefined
    : `${quoted(where)}: ${problem}; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)`;
}

/** Go's text for a regular expression that RE2 doesn't accept. */
export function re2Problem(regex: string): string | undefined {
  try {
    RE2JS.compile(regex);
    return undefined;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // Go always names the offending part, even an empty one.
    return text.includes('`') ? text : `${text}: \`\``;
  }
}
