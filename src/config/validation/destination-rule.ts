import type { Path } from '#source/path.ts';
import type { Subset } from '../istio/destination-rule.ts';
import type { DestinationRule } from '../resource.ts';
import { isDnsLabel, wildcardDomainProblem } from './domain-names.ts';
import { checkExportTo } from './export-to.ts';
import { Findings } from './findings.ts';
import { checkLabels, checkPolicySelector } from './labels.ts';
import { checkTrafficPolicy } from './traffic-policy.ts';

/** @source istio: pkg/config/validation/validation.go, ValidateDestinationRule */
export function checkDestinationRule({ metadata, spec }: DestinationRule): Findings {
  const findings = new Findings();
  const { namespace } = metadata;
  findings.check(['spec', 'host'], wildcardDomainProblem(spec.host));
  findings.add(checkTrafficPolicy(namespace, spec.trafficPolicy, ['spec', 'trafficPolicy']));
  const names = new Set<string>();
  for (const [index, subset] of spec.subsets.entries()) {
    const at = ['spec', 'subsets', index];
    if (names.has(subset.name))
      findings.error([...at, 'name'], `duplicate subset names: ${subset.name}`);
    names.add(subset.name);
    findings.add(checkSubset(namespace, subset, at), 'errors alone');
  }
  const of = spec.workloadSelector === undefined ? 'other' : 'destination rule with selector';
  findings.add(checkExportTo({ namespace, exportTo: spec.exportTo, of }));
  findings.add(checkPolicySelector(spec.workloadSelector, ['spec', 'workloadSelector']));
  return findings;
}

function checkSubset(namespace: string, subset: Subset, path: Path): Findings {
  const findings = new Findings();
  findings.check([...path, 'name'], subsetNameProblem(subset.name));
  findings.add(checkLabels(subset.labels, [...path, 'labels']));
  findings.add(checkTrafficPolicy(namespace, subset.trafficPolicy, [...path, 'trafficPolicy']));
  return findings;
}

/** @source istio: pkg/config/validation/validation.go, validateSubsetName */
export function subsetNameProblem(name: string): string | undefined {
  if (name === '') return 'subset name cannot be empty';
  return isDnsLabel(name) ? undefined : `subset name is invalid: ${name}`;
}
