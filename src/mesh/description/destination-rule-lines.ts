import type { PortTrafficPolicy } from '#config/istio/destination-rule.ts';
import type { DestinationRule } from '#config/resource.ts';
import { type Labels, selects } from '#istiod/model/labels.ts';
import type { PodSubsets } from './virtual-service-lines.ts';

/** Which subsets of a rule have one of some pods. @source istio: istioctl/pkg/describe/describe.go, getDestRuleSubsets */
export function podSubsets(
  rule: DestinationRule | undefined,
  pods: readonly { readonly labels: Labels }[],
): PodSubsets {
  const isIn = (labels: Labels) => pods.some((pod) => selects(labels, pod.labels));
  const subsets = rule?.spec.subsets ?? [];
  const names = (wanted: boolean) =>
    subsets.filter(({ labels }) => isIn(labels) === wanted).map(({ name }) => name);
  return { matching: names(true), nonMatching: names(false) };
}

/** @source istio: the same file, printDestinationRule */
export function destinationRuleLines(
  rule: DestinationRule,
  name: string,
  { matching, nonMatching }: PodSubsets,
): readonly string[] {
  const policy = rule.spec.trafficPolicy;
  return [
    `DestinationRule: ${name} for "${rule.spec.host}"`,
    ...subsetLines(matching, nonMatching),
    ...(policy === undefined ? ['   No Traffic Policy'] : []),
    ...(policy?.tls === undefined ? [] : [`   Traffic Policy TLS Mode: ${policy.tls.mode}`]),
    ...shortPolicies(policy, '   '),
    ...(policy?.portLevelSettings.length ? ['   Port Level Settings:'] : []),
    ...(policy?.portLevelSettings ?? []).flatMap((settings) => [
      `    ${settings.port?.number ?? 0}:`,
      ...(settings.tls === undefined ? [] : [`      TLS Mode: ${settings.tls.mode}`]),
      ...shortPolicies(settings, '      '),
    ]),
  ];
}

function subsetLines(matching: readonly string[], nonMatching: readonly string[]): string[] {
  if (matching.length === 0 && nonMatching.length === 0) return [];
  const none = `   WARNING POD DOES NOT MATCH ANY SUBSETS.  (Non matching subsets ${nonMatching.join(',')})`;
  return [
    ...(matching.length === 0 ? [none] : []),
    `   Matching subsets: ${matching.join(',')}`,
    ...(nonMatching.length === 0 ? [] : [`      (Non-matching subsets ${nonMatching.join(',')})`]),
  ];
}

function shortPolicies(
  policy:
    | Pick<PortTrafficPolicy, 'loadBalancer' | 'connectionPool' | 'outlierDetection'>
    | undefined,
  indent: string,
): string[] {
  const names = [
    policy?.loadBalancer === undefined ? '' : 'load balancer',
    policy?.connectionPool === undefined ? '' : 'connection pool',
    policy?.outlierDetection === undefined ? '' : 'outlier detection',
  ].filter((name) => name !== '');
  return names.length === 0 ? [] : [`${indent}Policies: ${names.join('/')}`];
}
