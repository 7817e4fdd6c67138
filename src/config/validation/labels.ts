import type { Path } from '#source/path.ts';
import { Findings } from './findings.ts';
import { quoted } from './go-format.ts';

const LABEL = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const NAME = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const KEY = new RegExp(`^(${LABEL}(?:\\.${LABEL})*/)?(${NAME})$`);
const VALUE = new RegExp(`^(?:${NAME})?$`);
const MAX_PREFIX = 253;
const MAX_NAME = 63;

/** Whether labels could stand on a pod. @source istio: pkg/config/labels/instance.go, Validate */
export function checkLabels(labels: ReadonlyMap<string, string>, path: Path): Findings {
  const findings = new Findings();
  for (const [key, value] of labels) {
    const problem = labelKeyProblem(key);
    if (problem !== undefined) findings.listed([...path, key], problem);
    if (!VALUE.test(value)) findings.listed([...path, key], `invalid tag value: ${quoted(value)}`);
  }
  return findings;
}

function labelKeyProblem(key: string): string | undefined {
  const [whole, prefix, name] = KEY.exec(key) ?? [];
  const problem = `invalid tag key: ${quoted(key)}`;
  if (whole === undefined) return problem;
  if ((prefix ?? '').length - 1 > MAX_PREFIX) return `${problem} (DNS prefix is too long)`;
  return name!.length > MAX_NAME ? `${problem} (name is too long)` : undefined;
}

/** What a selector's labels must not have. */
function selectorLabelProblems(key: string, value: string): readonly string[] {
  const pair = quoted(`${key}=${value}`);
  return [
    ...(key === '' ? [`empty key is not supported in selector: ${pair}`] : []),
    ...(key.includes('*') || value.includes('*')
      ? [`wildcard is not supported in selector: ${pair}`]
      : []),
  ];
}

/** The errors of a selector's labels, one by one. */
export function checkSelectorLabels(labels: ReadonlyMap<string, string>, path: Path): Findings {
  const findings = new Findings();
  for (const [key, value] of labels)
    for (const problem of selectorLabelProblems(key, value))
      findings.error([...path, key], problem);
  return findings;
}

/**
 * `selector` of policies, Telemetry and ProxyConfig; `workloadSelector` of a DestinationRule.
 *
 * @source istio: pkg/config/validation/validation.go, validateWorkloadSelector
 */
export function checkPolicySelector(
  selector: { readonly matchLabels: ReadonlyMap<string, string> } | undefined,
  path: Path,
): Findings {
  const findings = new Findings();
  if (selector === undefined) return findings;
  findings.add(checkSelectorLabels(selector.matchLabels, [...path, 'matchLabels']));
  if (selector.matchLabels.size === 0)
    findings.warning(path, 'workload selector specified without labels');
  return findings;
}
