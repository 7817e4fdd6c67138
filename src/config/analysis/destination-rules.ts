import type { ClientTlsSettings } from '../istio/destination-rule.ts';
import type { DestinationRule, Pod } from '../resource.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { selects } from './label-selector.ts';
import { findHost, knownHosts } from './scoped-hosts.ts';

/** @source istio: pkg/config/analysis/analyzers/destinationrule/ca-certificates.go */
export const caCertificateAnalyzer: Analyzer = {
  name: 'destinationrule.CaCertificateAnalyzer',
  inputs: ['DestinationRule'],
  analyze(context) {
    for (const rule of context.of('DestinationRule')) {
      const { trafficPolicy, host } = rule.spec;
      const { namespace } = rule.metadata;
      const path = ['spec', 'trafficPolicy'];
      const mode = unverifiedMode(rule, trafficPolicy?.tls);
      if (mode !== undefined) {
        const line = [...path, 'tls', 'caCertificates'];
        context.report('IST0128', rule, [fullName(rule), namespace, mode, host], { line });
      }
      for (const [index, { tls, port }] of (trafficPolicy?.portLevelSettings ?? []).entries()) {
        const portMode = unverifiedMode(rule, tls);
        if (portMode === undefined) continue;
        const line = [...path, 'portLevelSettings', index, 'tls', 'caCertificates'];
        // The port is printed as the message that it is.
        const portText = port === undefined ? '<nil>' : port.number ? `number:${port.number}` : '';
        const parameters = [fullName(rule), namespace, portMode, host, portText];
        context.report('IST0129', rule, parameters, { line });
      }
    }
  },
};

/** The TLS mode, where nothing says by which CA the server is to be verified. */
function unverifiedMode(
  { spec }: DestinationRule,
  tls: ClientTlsSettings | undefined,
): string | undefined {
  if (tls === undefined || (tls.mode !== 'SIMPLE' && tls.mode !== 'MUTUAL')) return undefined;
  const hasCredential = tls.credentialName !== '' && spec.workloadSelector !== undefined;
  return tls.caCertificates !== '' || hasCredential ? undefined : tls.mode;
}

/** @source istio: pkg/config/analysis/analyzers/destinationrule/subset.go */
export const subsetPodAnalyzer: Analyzer = {
  name: 'destinationrule.SubsetSelectPodAnalyzer',
  inputs: ['DestinationRule', 'Pod', 'Service', 'ServiceEntry', 'Node'],
  analyze(context) {
    const known = knownHosts(context);
    const podLabels = context.of('Pod').map((pod) => labelsOf(context, pod));
    for (const rule of context.of('DestinationRule')) {
      const { host, exportTo, subsets } = rule.spec;
      const found = findHost(known, { namespace: rule.metadata.namespace, exportTo, host });
      if (found === undefined) {
        context.report('IST0174', rule, [host], { at: ['spec', 'host'] });
        continue;
      }
      for (const [index, { name, labels }] of subsets.entries()) {
        const selector = new Map([...found.labels, ...labels]);
        if (podLabels.some((it) => selects(selector, it))) continue;
        context.report('IST0173', rule, [name], { at: ['spec', 'subsets', index, 'labels'] });
      }
    }
  },
};

/** A pod's labels with those that istiod takes from its node. @source label.go, AugmentLabels */
function labelsOf(context: AnalysisContext, pod: Pod): ReadonlyMap<string, string> {
  const { nodeName } = pod.spec;
  const node = context.find('Node', '', nodeName);
  const labels = new Map(pod.metadata.labels);
  const keys = [
    'topology.kubernetes.io/region',
    'topology.kubernetes.io/zone',
    'topology.istio.io/subzone',
  ];
  for (const key of keys) {
    const value = node?.metadata.labels.get(key) ?? '';
    if (value !== '') labels.set(key, value);
  }
  if (nodeName !== '') labels.set('kubernetes.io/hostname', nodeName);
  return labels;
}
