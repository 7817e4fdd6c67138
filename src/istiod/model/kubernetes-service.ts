import type { Service as KubernetesService } from '#config/resource.ts';
import type { Created } from './creation-order.ts';
import type { ExportTo } from './export-to.ts';
import type { IstioBehaviours } from './istio-version.ts';
import { serviceHostName } from './names.ts';
import { kubernetesPortProtocol } from './protocol.ts';
import { type Resolution, type Service, UNSPECIFIED_ADDRESS } from './service.ts';
import { trafficDistribution } from './traffic-distribution.ts';

/** What a service needs to know of its surroundings. */
export interface ServiceSurroundings {
  readonly created: Created;
  readonly domain: string;
  readonly trustDomain: string;
  readonly namespaceAnnotations: ReadonlyMap<string, string>;
  readonly behaviours: IstioBehaviours;
}

const EXPORT_TO_ANNOTATION = 'networking.istio.io/exportTo';
const CANONICAL_ACCOUNTS_ANNOTATION = 'alpha.istio.io/canonical-serviceaccounts';
const KUBERNETES_ACCOUNTS_ANNOTATION = 'alpha.istio.io/kubernetes-serviceaccounts';

/**
 * The service that a Kubernetes Service is.
 *
 * @source istio: pilot/pkg/serviceregistry/kube/conversion.go, ConvertService
 */
export function serviceOfKubernetes(
  resource: KubernetesService,
  around: ServiceSurroundings,
): Service {
  const { metadata, spec } = resource;
  const isExternalName = spec.type === 'ExternalName' && spec.externalName !== '';
  const addresses = clusterAddresses(resource);
  return {
    ...around.created,
    hostname: serviceHostName(metadata.name, metadata.namespace, around.domain),
    name: metadata.name,
    namespace: metadata.namespace,
    registry: 'Kubernetes',
    resolution: resolutionOf(resource, isExternalName, around.behaviours),
    ports: spec.ports.map((port) => ({
      name: port.name,
      port: port.port,
      protocol: kubernetesPortProtocol(port),
    })),
    defaultAddress: addresses[0]!,
    addresses,
    exportTo: exportToOf(metadata.annotations.get(EXPORT_TO_ANNOTATION)),
    labels: metadata.labels,
    selector: spec.selector.size === 0 ? undefined : spec.selector,
    meshExternal: isExternalName,
    aliases: [],
    externalName:
      isExternalName && around.behaviours.aliasesExternalNames ? spec.externalName : undefined,
    serviceAccounts: serviceAccounts(resource, around.trustDomain),
    isNodeLocal: spec.internalTrafficPolicy === 'Local',
    trafficDistribution: trafficDistribution(
      spec.trafficDistribution,
      metadata.annotations,
      around.namespaceAnnotations,
    ),
    passthroughTargetPorts: new Map(),
    racesTcpConnects: false,
    source: resource,
  };
}

function resolutionOf(
  resource: KubernetesService,
  isExternalName: boolean,
  { aliasesExternalNames }: IstioBehaviours,
): Resolution {
  if (resource.spec.clusterIP === 'None') return 'Passthrough';
  if (!isExternalName) return 'ClientSideLB';
  return aliasesExternalNames ? 'Alias' : 'DNSLB';
}

function clusterAddresses({ spec }: KubernetesService): readonly string[] {
  if (spec.clusterIP === 'None' || spec.clusterIP === '') return [UNSPECIFIED_ADDRESS];
  return spec.clusterIPs.length > 1 ? spec.clusterIPs : [spec.clusterIP];
}

function exportToOf(annotation: string | undefined): ExportTo {
  return new Set(annotation ? annotation.split(',').map((entry) => entry.trim()) : []);
}

function serviceAccounts(resource: KubernetesService, trustDomain: string): string[] {
  const { annotations, namespace } = resource.metadata;
  const canonical = annotations.get(CANONICAL_ACCOUNTS_ANNOTATION) ?? '';
  const kubernetes = annotations.get(KUBERNETES_ACCOUNTS_ANNOTATION) ?? '';
  return [
    ...(canonical === '' ? [] : canonical.split(',')),
    ...(kubernetes === '' ? [] : kubernetes.split(',')).map((account) =>
      spiffeIdentity(trustDomain, namespace, account),
    ),
  ];
}

/** @source istio: pkg/spiffe/spiffe.go, GenSpiffeURI */
export function spiffeIdentity(trustDomain: string, namespace: string, account: string): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${account}`;
}
