import type { Container } from '../kubernetes/pod.ts';
import type { Resource, ResourceOf } from '../resource.ts';
import type { AnalysisContext } from './analysis-context.ts';

export const PROXY_CONTAINER = 'istio-proxy';
const INJECT = 'sidecar.istio.io/inject';

interface Workload {
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly namespace: string;
  readonly containers: readonly Container[];
}

/**
 * Whether a workload has a sidecar: there already, or by label, annotation or namespace.
 *
 * @source istio: pkg/config/analysis/analyzers/util/in_mesh.go, inMesh
 */
export function isInMesh(context: AnalysisContext, workload: Workload): boolean {
  if (proxyImage(workload.containers) !== '') return true;
  const own = workload.labels.get(INJECT) ?? workload.annotations.get(INJECT);
  if (own !== undefined) return own === 'true';
  const namespace = context.find('Namespace', '', workload.namespace);
  return namespace?.metadata.labels.get('istio-injection') === 'enabled';
}

/** The image of the first container of the proxy's name; empty when there is none. */
export function proxyImage(containers: readonly Container[]): string {
  return containers.find(({ name }) => name === PROXY_CONTAINER)?.image ?? '';
}

export function isPodInMesh(context: AnalysisContext, pod: ResourceOf<'Pod'>): boolean {
  const { labels, annotations, namespace } = pod.metadata;
  const containers = [...pod.spec.containers, ...pod.spec.initContainers];
  return isInMesh(context, { labels, annotations, namespace, containers });
}

export function isDeploymentInMesh(
  context: AnalysisContext,
  deployment: ResourceOf<'Deployment'>,
): boolean {
  const { template } = deployment.spec;
  return isInMesh(context, {
    labels: template?.metadata?.labels ?? new Map(),
    annotations: template?.metadata?.annotations ?? new Map(),
    namespace: deployment.metadata.namespace,
    containers: template?.spec?.containers ?? [],
  });
}

/** @source istio: pkg/config/analysis/analyzers/util/in_mesh.go, PodInAmbientMode */
export function isPodAmbient({ metadata }: Resource): boolean {
  return metadata.annotations.get('ambient.istio.io/redirection') === 'enabled';
}

/** @source istio: pkg/config/analysis/analyzers/util/in_mesh.go, NamespaceInAmbientMode */
export function isNamespaceAmbient(namespace: Resource | undefined): boolean {
  const labels = namespace?.metadata.labels;
  if (labels === undefined || labels.get('istio-injection') === 'enabled') return false;
  if ((labels.get('istio.io/rev') ?? '') !== '') return false;
  return labels.get('istio.io/dataplane-mode') === 'ambient';
}

/** Part of Istio itself. @source istio: pkg/config/analysis/analyzers/util/config.go */
export function isControlPlane({ metadata }: Resource): boolean {
  return metadata.labels.has('istio') || metadata.labels.get('release') === 'istio';
}
