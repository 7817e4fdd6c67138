import type { DestinationRule, Service, VirtualService } from '#config/resource.ts';
import type { ProxyConfig } from '#istiod/generate.ts';
import { selects } from '#istiod/model/labels.ts';
import { outboundClusterName, serviceHostName } from '#istiod/model/names.ts';
import { isHttp, kubernetesPortProtocol } from '#istiod/model/protocol.ts';
import type { Metadata } from '#xds/core.ts';
import type { PodFacts } from '../cluster/pod-facts.ts';
import { targetPortOf } from '../cluster-dns.ts';
import { configOf, type InspectedMesh } from '../proxy-inspection.ts';
import { destinationRuleLines, podSubsets } from './destination-rule-lines.ts';
import { rbacPolicyNames } from './rbac-policies.ts';
import { virtualServiceLines } from './virtual-service-lines.ts';

const RULER = '--------------------';

/**
 * A pod, its services, and the configuration that affects it. `namespace` is the reader's: its names
 * are written without it.
 *
 * @source istio: istioctl/pkg/describe/describe.go, podDescribeCmd
 */
export function describePodText(mesh: InspectedMesh, pod: PodFacts, namespace: string): string {
  const services = servicesOf(mesh, pod);
  const name = nameIn(namespace)(pod);
  const lines = podLines(pod, name);
  if (services.length === 0)
    lines.push(
      `Warning: No Kubernetes Services select pod ${name} (see https://istio.io/docs/setup/kubernetes/additional-setup/requirements/ )`,
    );
  lines.push(RULER, ...serviceBlocks(mesh, services, [pod], namespace));
  lines.push(RULER, ...peerAuthenticationLines(mesh, pod));
  lines.push(...exposureLines(mesh, services, [pod], namespace));
  return `${lines.join('\n')}\n`;
}

/** @source istio: the same file, svcDescribeCmd */
export function describeServiceText(
  mesh: InspectedMesh,
  service: Service,
  namespace: string,
): string {
  const pods = mesh.dns.podsOf(service);
  const inMesh = pods.filter(({ proxy }) => proxy !== 'none');
  const name = nameIn(namespace)(service.metadata);
  if (pods.length === 0) return `Service "${name}" has no pods.\n`;
  if (inMesh.length === 0) {
    const none = `Service "${name}" has no Istio pods.  (${pods.length} pods in service).`;
    return `${none}\nUse \`istioctl kube-inject\` or redeploy with Istio automatic sidecar injection.\n`;
  }
  const lines = [
    ...serviceBlocks(mesh, [service], inMesh, namespace),
    ...exposureLines(mesh, [service], inMesh, namespace),
  ];
  return `${lines.join('\n')}\n`;
}

function nameIn(namespace: string) {
  return (it: { readonly name: string; readonly namespace: string }): string =>
    it.namespace === namespace ? it.name : `${it.name}.${it.namespace}`;
}

/** @source istio: the same file, printPod */
function podLines(pod: PodFacts, name: string): string[] {
  const ports = pod.resource.spec.containers.flatMap((container) =>
    container.ports.map(({ containerPort }) => `${containerPort} (${container.name})`),
  );
  const sidecar = pod.proxy === 'sidecar' ? ['15090 (istio-proxy)'] : [];
  const all = [...ports, ...sidecar];
  return [
    `Pod: ${name}`,
    '   Pod Revision: default',
    all.length === 0 ? '   Pod does not expose ports' : `   Pod Ports: ${all.join(', ')}`,
    ...(pod.isReady ? [] : [`WARNING: Pod ${name} Container app NOT READY`]),
    ...(pod.proxy === 'none' ? [`WARNING: ${name} is not part of mesh; no Istio sidecar`] : []),
  ];
}

function servicesOf({ view }: InspectedMesh, pod: PodFacts): readonly Service[] {
  return view.store
    .of('Service')
    .filter(
      ({ metadata, spec }) =>
        metadata.namespace === pod.namespace &&
        spec.selector.size > 0 &&
        selects(spec.selector, pod.labels),
    );
}

/** @source istio: the same file, describePodServices */
function serviceBlocks(
  mesh: InspectedMesh,
  services: readonly Service[],
  pods: readonly PodFacts[],
  namespace: string,
): readonly string[] {
  const [pod] = pods;
  if (pod === undefined || pod.proxy === 'none') return [];
  const config = configOf(mesh, pod);
  return services.flatMap((service, index) => {
    const { ports } = service.spec;
    const isLone = ports.length === 1;
    return [
      ...(index === 0 ? [] : [RULER]),
      `Service: ${nameIn(namespace)(service.metadata)}`,
      ...ports.map((port) => {
        const protocol = kubernetesPortProtocol(port);
        const shown = protocol === 'UnsupportedProtocol' ? 'auto-detect' : protocol;
        const target = targetPortOf(service, port.port, pod);
        return `   Port: ${port.name} ${port.port}/${shown} targets pod port ${target ?? '?'}`;
      }),
      ...ports.flatMap((written) => {
        const { port } = written;
        const lines = policyLines(mesh, { service, port, config, pods, namespace });
        const rbac = isHttp(kubernetesPortProtocol(written)) ? rbacText(mesh, pod) : undefined;
        return isLone
          ? [...lines, ...(rbac === undefined ? [] : [rbac])]
          : [
              `${port}:`,
              ...lines.map((line) => `   ${line}`),
              ...(rbac === undefined ? [] : [`${port} ${rbac}`]),
            ];
      }),
    ];
  });
}

function rbacText({ view, model }: InspectedMesh, pod: PodFacts): string | undefined {
  const names = rbacPolicyNames(view.store, pod, model.meshConfig.rootNamespace);
  return names.length === 0 ? undefined : `RBAC policies: ${names.join(', ')}`;
}

interface DescribedPort {
  readonly service: Service;
  readonly port: number;
  readonly config: ProxyConfig;
  readonly pods: readonly PodFacts[];
  readonly namespace: string;
}

/** The rule and the VirtualService that the proxy has for a port of a service. */
function policyLines(mesh: InspectedMesh, it: DescribedPort): readonly string[] {
  const nameOf = nameIn(it.namespace);
  const rule = ruleFor(mesh, it);
  const subsets = podSubsets(rule, it.pods);
  const virtualService = virtualServiceFor(mesh, it);
  const to = { service: it.service, rule, domain: mesh.model.domain, nameOf, ...subsets };
  return [
    ...(rule === undefined ? [] : destinationRuleLines(rule, nameOf(rule.metadata), subsets)),
    ...(virtualService === undefined ? [] : virtualServiceLines(virtualService, to)),
  ];
}

function hostOf({ model }: InspectedMesh, { metadata }: Service): string {
  return serviceHostName(metadata.name, metadata.namespace, model.domain);
}

function ruleFor(
  mesh: InspectedMesh,
  { service, port, config }: DescribedPort,
): DestinationRule | undefined {
  const name = outboundClusterName(port, '', hostOf(mesh, service));
  const cluster = config.clusters.find((it) => it.name === name);
  return named(cluster?.metadata, 'destination-rule', (namespace, own) =>
    mesh.view.store.find('DestinationRule', namespace, own),
  );
}

/** The VirtualService of the first route to the service; a gateway's listeners count too. */
function virtualServiceFor(
  mesh: InspectedMesh,
  { service, port, config }: DescribedPort,
): VirtualService | undefined {
  const host = hostOf(mesh, service);
  const isOurs = (cluster = '') =>
    cluster.startsWith(`outbound|${port}|`) && cluster.endsWith(`|${host}`);
  const routes = config.routes
    .filter(({ name }) => name === String(port) || /^https?\./.test(name))
    .flatMap(({ virtualHosts = [] }) => virtualHosts.flatMap((it) => it.routes ?? []));
  const route = routes.find(
    ({ route: action }) =>
      isOurs(action?.cluster) ||
      (action?.weightedClusters?.clusters ?? []).some(({ name }) => isOurs(name)),
  );
  // A derived VirtualService is in no file: only istiod's model has it.
  return named(
    route?.metadata,
    'virtual-service',
    (namespace, own) =>
      mesh.model.virtualServices.all.find((it) => it.namespace === namespace && it.name === own)
        ?.resource,
  );
}

/** The resource that generated configuration names in its metadata. */
function named<Found>(
  metadata: Metadata | undefined,
  kind: string,
  find: (namespace: string, name: string) => Found | undefined,
): Found | undefined {
  const path = metadata?.filterMetadata?.['istio']?.['config'];
  const parts = typeof path === 'string' ? path.split('/') : [];
  const [namespace, of, name] = parts.slice(-3);
  return namespace === undefined || name === undefined || of !== kind
    ? undefined
    : find(namespace, name);
}

/** @source istio: the same file, printPeerAuthentication */
function peerAuthenticationLines({ model }: InspectedMesh, pod: PodFacts): readonly string[] {
  const { mode, byPort, policy } = model.peerAuthentications.workloadMode(
    pod.namespace,
    pod.labels,
  );
  const ports = [...byPort].map(([port, own]) => `      ${port}: ${own}`);
  const applied = policy && `${policy.metadata.name}.${policy.metadata.namespace}`;
  return [
    'Effective PeerAuthentication:',
    `   Workload mTLS mode: ${mode}`,
    ...(ports.length === 0 ? [] : ['   Port Level mTLS mode:', ...ports]),
    ...(applied === undefined ? [] : ['Applied PeerAuthentication:', `   ${applied}`]),
  ];
}

/** Through which gateways the services are reached. @source istio: the same file, printIngressInfo */
function exposureLines(
  mesh: InspectedMesh,
  services: readonly Service[],
  pods: readonly PodFacts[],
  namespace: string,
): readonly string[] {
  const gateways = mesh.view.pods.filter(({ proxy }) => proxy === 'gateway');
  return gateways.flatMap((gateway) => {
    const config = configOf(mesh, gateway);
    const ingress = servicesOf(mesh, gateway)[0];
    if (ingress === undefined || pods.includes(gateway)) return [];
    return services.flatMap((service) =>
      service.spec.ports.flatMap(({ port }) => {
        const it = { service, port, config, pods, namespace };
        const virtualService = virtualServiceFor(mesh, it);
        if (virtualService === undefined) return [];
        const rule = ruleFor(mesh, it);
        const subsets = podSubsets(rule, pods);
        const domain = mesh.model.domain;
        const to = { service, rule, domain, nameOf: nameIn(namespace), ...subsets };
        return [
          RULER,
          ...ingress.spec.ports
            .filter(({ name }) => name === 'http' || name === 'http2')
            .map(({ port: own }) => {
              const suffix = own === 80 ? '' : `:${own}`;
              return `Exposed on Ingress Gateway http://${ingress.metadata.name}.${ingress.metadata.namespace}${suffix}`;
            }),
          ...virtualServiceLines(virtualService, to),
        ];
      }),
    );
  });
}
