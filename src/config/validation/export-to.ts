import { isDnsLabel } from './domain-names.ts';
import { Findings } from './findings.ts';

interface ExportTo {
  readonly namespace: string;
  readonly exportTo: readonly string[];
  readonly of: 'service entry' | 'destination rule with selector' | 'other';
}

/** @source istio: pkg/config/validation/validation.go, validateExportTo */
export function checkExportTo({ namespace, exportTo, of }: ExportTo): Findings {
  const findings = new Findings();
  const path = ['spec', 'exportTo'];
  const seen = new Set<string>();
  exportTo.forEach((entry, index) => {
    const key = entry === '.' ? namespace : entry;
    const at = [...path, index];
    if (seen.has(key)) findings.error(at, duplicateText(entry, key, namespace));
    else if (entry === '~' && of === 'service entry') seen.add(key);
    else {
      const problem = visibilityProblem(key);
      findings.check(at, problem);
      if (problem === undefined) seen.add(key);
    }
  });
  if (of === 'destination rule with selector' && seen.size > 0) {
    if (!seen.has(namespace))
      findings.error(
        path,
        'destination rule with workload selector cannot have exportTo beyond current namespace',
      );
    else if (seen.size > 1)
      findings.error(
        path,
        'destination rule with workload selector cannot have multiple entries in exportTo',
      );
  }
  if (seen.has('*') && exportTo.length > 1)
    findings.error(
      path,
      'cannot have both public (*) and non-public exportTo values for a resource',
    );
  if (seen.has('~') && exportTo.length > 1)
    findings.error(path, 'cannot export service entry to no one (~) and someone');
  return findings;
}

function duplicateText(entry: string, key: string, namespace: string): string {
  return key === entry
    ? `duplicate entries in exportTo for entry ${entry}`
    : `duplicate entries in exportTo: . and current namespace ${namespace}`;
}

/** @source istio: pkg/config/visibility/visibility.go, Validate */
function visibilityProblem(entry: string): string | undefined {
  if (entry === '.' || entry === '*') return undefined;
  if (entry === '~') return 'exportTo ~ (none) is not allowed for Istio configuration objects';
  return isDnsLabel(entry)
    ? undefined
    : 'only .,*, or a valid DNS 1123 label is allowed as exportTo entry';
}
