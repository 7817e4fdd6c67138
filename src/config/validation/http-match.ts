import type { Path } from '#source/path.ts';
import type { HttpMatchRequest, HttpRoute } from '../istio/virtual-service.ts';
import { isDnsLabel } from './domain-names.ts';
import { Findings } from './findings.ts';
import { checkGatewayNames } from './gateway-names.ts';
import { matchHeaderNameProblem } from './header-names.ts';
import { checkLabels } from './labels.ts';
import { checkRegexMatch, checkStringMatch } from './string-match.ts';
import { portProblem } from './value-checks.ts';

/** @source istio: pkg/config/validation/virtualservice.go, validateHTTPRouteMatchRequest */
export function checkHttpMatches(route: HttpRoute, path: Path): Findings {
  const findings = new Findings();
  const each = (check: (match: HttpMatchRequest, at: Path, findings: Findings) => void) =>
    route.match.forEach((match, index) => {
      check(match, [...path, 'match', index], findings);
    });
  each(checkRequest);
  each(checkOrigin);
  return findings;
}

const SINGLE_FIELDS = ['scheme', 'method', 'authority'] as const;

/** What is matched in the request. */
function checkRequest(match: HttpMatchRequest, path: Path, findings: Findings): void {
  for (const [name, value] of match.headers) {
    const at = [...path, 'headers', name];
    findings.check(at, matchHeaderNameProblem(name));
    findings.add(checkStringMatch(value, 'headers', at));
  }
  for (const [name, value] of match.withoutHeaders) {
    const at = [...path, 'withoutHeaders', name];
    findings.check(at, matchHeaderNameProblem(name));
    // `*` is no regular expression: it stands for "is present".
    if (value.regex !== '*') findings.add(checkStringMatch(value, 'withoutHeaders', at));
  }
  if (match.uri !== undefined) findings.add(checkRegexMatch(match.uri, 'uri', [...path, 'uri']));
  for (const field of SINGLE_FIELDS) {
    const value = match[field];
    if (value !== undefined) findings.add(checkStringMatch(value, field, [...path, field]));
  }
  for (const [name, value] of match.queryParams)
    findings.add(checkStringMatch(value, 'queryParams', [...path, 'queryParams', name]));
}

/** Where the request comes from and arrives. */
function checkOrigin(match: HttpMatchRequest, path: Path, findings: Findings): void {
  if (match.port !== 0) findings.check([...path, 'port'], portProblem(match.port));
  if (match.sourceLabels.size > 0)
    findings.add(checkLabels(match.sourceLabels, [...path, 'sourceLabels']));
  if (match.gateways.length > 0)
    findings.add(checkGatewayNames(match.gateways, false, [...path, 'gateways']), 'errors alone');
  if (match.sourceNamespace !== '' && !isDnsLabel(match.sourceNamespace))
    findings.error(
      [...path, 'sourceNamespace'],
      `sourceNamespace match ${match.sourceNamespace} is invalid`,
    );
}
