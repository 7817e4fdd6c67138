import type { PodSpec } from '../kubernetes/pod.ts';
import type { Resource, ResourceOf, Service } from '../resource.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { isControlPlane, isDeploymentInMesh } from './in-mesh.ts';
import { selects } from './label-selector.ts';

type Deployment = ResourceOf<'Deployment'>;

/** @source istio: pkg/config/analysis/analyzers/deployment/services.go */
export const multipleServicesAnalyzer: Analyzer = {
  name: 'deployment.MultiServiceAnalyzer',
  inputs: ['Service', 'Deployment', 'Namespace'],
  analyze(context) {
    for (const deployment of context.of('Deployment')) {
      const managed = deployment.metadata.labels.get('gateway.istio.io/managed');
      const isWaypoint = managed === 'istio.io-mesh-controller';
      if (isWaypoint || !isDeploymentInMesh(context, deployment)) continue;
      const services = servicesOf(context, deployment);
      checkProtocols(context, deployment, services);
      checkTargetPorts(context, deployment, services);
    }
  },
};

function servicesOf(context: AnalysisContext, deployment: Deployment): readonly Service[] {
  const labels = deployment.spec.template?.metadata?.labels ?? new Map();
  return context
    .of('Service')
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === deployment.metadata.namespace &&
        spec.selector.size > 0 &&
        selects(spec.selector, labels),
    );
}

function checkProtocols(
  context: AnalysisContext,
  deployment: Deployment,
  services: readonly Service[],
): void {
  const byPort = new Map<number, { readonly protocols: Set<string>; readonly names: string[] }>();
  for (const service of services) {
    for (const { port, protocol } of service.spec.ports) {
      const found = byPort.get(port) ?? { protocols: new Set<string>(), names: [] };
      byPort.set(port, found);
      found.protocols.add(protocol === '' ? 'TCP' : protocol);
      found.names.push(fullName(service));
    }
  }
  const { name } = deployment.metadata;
  for (const [port, { protocols, names }] of byPort)
    if (protocols.size > 1) context.report('IST0116', deployment, [name, port, names.sort()], NAME);
}

const NAME = { line: ['metadata', 'name'] };

function checkTargetPorts(
  context: AnalysisContext,
  deployment: Deployment,
  services: readonly Service[],
): void {
  const byTarget = new Map<string, Map<number, string>>();
  for (const service of services) {
    for (const { port, targetPort } of service.spec.ports) {
      const target = String(targetPort ?? port);
      const key = target === '0' || target === '' ? String(port) : target;
      const found = byTarget.get(key) ?? new Map<number, string>();
      byTarget.set(key, found);
      found.set(port, fullName(service));
    }
  }
  const { name } = deployment.metadata;
  for (const [target, ports] of byTarget) {
    if (ports.size < 2) continue;
    const numbers = [...ports.keys()].sort((a, b) => a - b);
    const names = [...ports.values()].sort();
    context.report('IST0137', deployment, [name, names, target, numbers], NAME);
  }
}

const PROXY_UID = 1337;
const PROXY_CONTAINERS = new Set(['istio-proxy', 'istio-operator']);

/** @source istio: pkg/config/analysis/analyzers/deployment/pod.go */
export const applicationUidAnalyzer: Analyzer = {
  name: 'applicationUID.Analyzer',
  inputs: ['Pod', 'Deployment'],
  analyze(context) {
    const check = (resource: Resource, spec: PodSpec | undefined, at: readonly string[]) => {
      if (!isControlPlane(resource) && usesProxyUid(spec))
        context.report('IST0144', resource, [], { at });
    };
    for (const pod of context.of('Pod')) check(pod, pod.spec, ['spec']);
    for (const deployment of context.of('Deployment'))
      check(deployment, deployment.spec.template?.spec, ['spec', 'template', 'spec']);
  },
};

function usesProxyUid(spec: PodSpec | undefined): boolean {
  if (spec?.securityContext?.runAsUser === PROXY_UID) return true;
  return (spec?.containers ?? []).some(
    ({ name, securityContext }) =>
      !PROXY_CONTAINERS.has(name) && securityContext?.runAsUser === PROXY_UID,
  );
}
