import type { Labels } from './pod-facts.ts';

export type InjectionRule = 'all' | 'labels';

/** What decides whether a pod gets a sidecar. */
export interface InjectionSubject {
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly namespaceLabels: Labels;
  readonly isHostNetwork: boolean;
}

const INJECT = 'sidecar.istio.io/inject';

/**
 * Whether a pod gets a sidecar. The rule `all` injects wherever nobody objects; `labels` follows the
 * webhook's selectors: a pod's label, else the namespace's.
 *
 * @source istio: pkg/kube/inject/inject.go, injectRequired; manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
 */
export function isInjected(subject: InjectionSubject, rule: InjectionRule): boolean {
  const { namespace, labels, annotations, namespaceLabels, isHostNetwork } = subject;
  if (isHostNetwork || namespace.startsWith('kube-') || namespace.startsWith('istio-'))
    return false;
  const wish = labels.get(INJECT) ?? annotations.get(INJECT);
  if (wish === 'false') return false;
  const enabled = namespaceLabels.get('istio-injection');
  if (rule === 'all') return enabled !== 'disabled';
  if (enabled === 'disabled') return false;
  if (labels.get(INJECT) === 'true' || labels.has('istio.io/rev')) return true;
  return enabled === 'enabled' || namespaceLabels.has('istio.io/rev');
}

/**
 * The labels that the injector adds to a pod. Only sidecars are said to take mutual TLS: what a
 * gateway takes is its Gateway's business, so callers in the mesh reach it in plain text by default.
 *
 * @source istio: pkg/kube/inject/inject.go; injection-template.yaml and gateway-injection-template.yaml
 * in manifests/charts/istio-control/istio-discovery/files
 */
export function injectedLabels(
  labels: Labels,
  workload: string,
  proxy: 'sidecar' | 'gateway' = 'sidecar',
): Labels {
  const tlsMode = labels.get('security.istio.io/tlsMode') ?? 'istio';
  return new Map([
    ...labels,
    ...(proxy === 'sidecar' ? [['security.istio.io/tlsMode', tlsMode] as const] : []),
    ['service.istio.io/canonical-name', canonicalName(labels, workload)],
    ['service.istio.io/canonical-revision', canonicalRevision(labels)],
  ]);
}

/** @source istio: pkg/model/proxy.go, GetOrDefault and pkg/kube/labels, CanonicalService */
export function canonicalName(labels: Labels, workload: string): string {
  return (
    labels.get('service.istio.io/canonical-name') ??
    labels.get('app.kubernetes.io/name') ??
    labels.get('app') ??
    workload
  );
}

export function canonicalRevision(labels: Labels): string {
  return (
    labels.get('service.istio.io/canonical-revision') ??
    labels.get('app.kubernetes.io/version') ??
    labels.get('version') ??
    'latest'
  );
}
