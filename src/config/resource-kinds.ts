import { type Infer, openObject, type Shape } from '#source/shape.ts';
import { gatewayClassShape, kubernetesGatewayShape } from './gateway-api/gateway.ts';
import { grpcRouteShape } from './gateway-api/grpc-route.ts';
import { httpRouteShape } from './gateway-api/http-route.ts';
import { tcpRouteShape, tlsRouteShape } from './gateway-api/layer4-routes.ts';
import { referenceGrantShape } from './gateway-api/reference-grant.ts';
import { authorizationPolicyShape } from './istio/authorization-policy.ts';
import { destinationRuleShape } from './istio/destination-rule.ts';
import { envoyFilterShape } from './istio/envoy-filter.ts';
import { trafficExtensionShape, wasmPluginShape } from './istio/extensions.ts';
import { gatewayShape } from './istio/gateway.ts';
import { peerAuthenticationShape } from './istio/peer-authentication.ts';
import { proxyConfigShape } from './istio/proxy-config.ts';
import { requestAuthenticationShape } from './istio/request-authentication.ts';
import { serviceEntryShape } from './istio/service-entry.ts';
import { sidecarShape } from './istio/sidecar.ts';
import { telemetryShape } from './istio/telemetry.ts';
import { virtualServiceShape } from './istio/virtual-service.ts';
import { workloadEntryShape, workloadGroupShape } from './istio/workload-entry.ts';
import { autoscalerShape } from './kubernetes/autoscaler.ts';
import {
  configMapShape,
  namespaceShape,
  nodeShape,
  secretShape,
} from './kubernetes/cluster-objects.ts';
import { endpointSliceShape, endpointsShape } from './kubernetes/endpoints.ts';
import { podShape, podStatusShape } from './kubernetes/pod.ts';
import { serviceShape, serviceStatusShape } from './kubernetes/service.ts';
import { workloadShape, workloadStatusShape } from './kubernetes/workload.ts';

/** How one kind of object is read. */
export interface ResourceKind<Spec = unknown, Status = unknown> {
  /** The API group, without the version: all versions of a group have the same fields. */
  readonly group: string;
  /** What an object's `kind` says, where another group has a kind of that name too. */
  readonly kind?: string;
  readonly versions: readonly string[];
  readonly isNamespaced: boolean;
  /** An object without a spec is refused. */
  readonly requiresSpec?: boolean;
  /** Where the spec lies: under `spec`, or the object itself. */
  readonly specAt: 'spec' | 'root';
  readonly spec: Shape<Spec>;
  readonly status: Shape<Status>;
}

/** Kubernetes' own API for gateways and routes. */
export const GATEWAY_API_GROUP = 'gateway.networking.k8s.io';

const noStatus = openObject({});

function kubernetes<Spec, Status = Infer<typeof noStatus>>(
  group: string,
  spec: Shape<Spec>,
  options: Partial<Omit<ResourceKind, 'spec' | 'status'>> & { status?: Shape<Status> } = {},
): ResourceKind<Spec, Status> {
  return {
    versions: ['v1'],
    isNamespaced: true,
    specAt: 'spec',
    status: noStatus as Shape<Status>,
    ...options,
    group,
    spec,
  };
}

function istio<Spec>(
  group: 'networking' | 'security' | 'telemetry' | 'extensions',
  spec: Shape<Spec>,
  versions: readonly string[],
): ResourceKind<Spec, Infer<typeof noStatus>> {
  const names = { isNamespaced: true, specAt: 'spec', status: noStatus } as const;
  return { ...names, group: `${group}.istio.io`, spec, versions };
}

function gatewayApi<Spec>(
  spec: Shape<Spec>,
  versions: readonly string[],
  options: { readonly kind?: string; readonly isNamespaced?: boolean } = {},
): ResourceKind<Spec, Infer<typeof noStatus>> {
  return kubernetes(GATEWAY_API_GROUP, spec, { versions, ...options });
}

function withSpec<Spec, Status>(kind: ResourceKind<Spec, Status>): ResourceKind<Spec, Status> {
  return { ...kind, requiresSpec: true };
}

const NETWORKING = ['v1', 'v1beta1', 'v1alpha3'];
const root = { specAt: 'root' } as const;
const clusterScoped = { isNamespaced: false } as const;
const workload = kubernetes('apps', workloadShape, { status: workloadStatusShape });

/** The kinds that meshsim reads. Others are kept and named, never an error. */
export const RESOURCE_KINDS = {
  Namespace: kubernetes('', namespaceShape, clusterScoped),
  Node: kubernetes('', nodeShape, clusterScoped),
  Service: kubernetes('', serviceShape, { status: serviceStatusShape }),
  Pod: kubernetes('', podShape, { status: podStatusShape }),
  Endpoints: kubernetes('', endpointsShape, root),
  EndpointSlice: kubernetes('discovery.k8s.io', endpointSliceShape, {
    ...root,
    versions: ['v1', 'v1beta1'],
  }),
  ConfigMap: kubernetes('', configMapShape, root),
  Secret: kubernetes('', secretShape, root),
  Deployment: workload,
  ReplicaSet: workload,
  StatefulSet: workload,
  DaemonSet: workload,
  HorizontalPodAutoscaler: kubernetes('autoscaling', autoscalerShape, { versions: ['v2', 'v1'] }),
  VirtualService: istio('networking', virtualServiceShape, NETWORKING),
  DestinationRule: istio('networking', destinationRuleShape, NETWORKING),
  Gateway: istio('networking', gatewayShape, NETWORKING),
  ServiceEntry: withSpec(istio('networking', serviceEntryShape, NETWORKING)),
  WorkloadEntry: withSpec(istio('networking', workloadEntryShape, NETWORKING)),
  WorkloadGroup: withSpec(istio('networking', workloadGroupShape, NETWORKING)),
  Sidecar: istio('networking', sidecarShape, NETWORKING),
  ProxyConfig: istio('networking', proxyConfigShape, ['v1beta1']),
  PeerAuthentication: istio('security', peerAuthenticationShape, ['v1', 'v1beta1']),
  AuthorizationPolicy: istio('security', authorizationPolicyShape, ['v1', 'v1beta1']),
  RequestAuthentication: istio('security', requestAuthenticationShape, ['v1', 'v1beta1']),
  EnvoyFilter: istio('networking', envoyFilterShape, ['v1alpha3']),
  WasmPlugin: withSpec(istio('extensions', wasmPluginShape, ['v1alpha1'])),
  TrafficExtension: withSpec(istio('extensions', trafficExtensionShape, ['v1alpha1'])),
  Telemetry: istio('telemetry', telemetryShape, ['v1', 'v1alpha1']),
  GatewayClass: gatewayApi(gatewayClassShape, ['v1', 'v1beta1'], { isNamespaced: false }),
  KubernetesGateway: gatewayApi(kubernetesGatewayShape, ['v1', 'v1beta1'], { kind: 'Gateway' }),
  HTTPRoute: gatewayApi(httpRouteShape, ['v1', 'v1beta1']),
  GRPCRoute: gatewayApi(grpcRouteShape, ['v1']),
  TCPRoute: gatewayApi(tcpRouteShape, ['v1', 'v1alpha2']),
  TLSRoute: gatewayApi(tlsRouteShape, ['v1', 'v1alpha3', 'v1alpha2']),
  ReferenceGrant: gatewayApi(referenceGrantShape, ['v1', 'v1beta1']),
} as const satisfies Record<string, ResourceKind>;

export type KindName = keyof typeof RESOURCE_KINDS;
export type SpecOf<K extends KindName> = Infer<(typeof RESOURCE_KINDS)[K]['spec']>;
export type StatusOf<K extends KindName> = Infer<(typeof RESOURCE_KINDS)[K]['status']>;

const GROUP_ALIASES: ReadonlyMap<string, string> = new Map([['extensions', 'apps']]);
const KINDS_BY_GROUP: ReadonlyMap<string, ReadonlyMap<string, KindName>> = kindsByGroup();

/** Every kind that is read, in the table's order. */
export function kindNames(): readonly KindName[] {
  // The table's own keys.
  return Object.keys(RESOURCE_KINDS) as KindName[];
}

/** What the objects of a kind write in `kind`. */
export function writtenKind(kind: KindName): string {
  const table: ResourceKind = RESOURCE_KINDS[kind];
  return table.kind ?? kind;
}

/** The kind of an object by its group and kind: a Gateway of the Gateway API is not Istio's. */
export function kindOfObject(apiVersion: string, kind: string): KindName | undefined {
  const group = groupOf(apiVersion);
  return KINDS_BY_GROUP.get(GROUP_ALIASES.get(group) ?? group)?.get(kind);
}

function kindsByGroup(): ReadonlyMap<string, ReadonlyMap<string, KindName>> {
  const groups = new Map<string, Map<string, KindName>>();
  for (const kind of kindNames()) {
    const { group } = RESOURCE_KINDS[kind];
    const kinds = groups.get(group) ?? new Map<string, KindName>();
    groups.set(group, kinds.set(writtenKind(kind), kind));
  }
  return groups;
}

/** `networking.istio.io` of `networking.istio.io/v1`; empty for Kubernetes' core. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** Whether unknown fields of the kind are errors, as the API server says for Istio's. */
export function isIstioKind(kind: KindName): boolean {
  return RESOURCE_KINDS[kind].group.endsWith('.istio.io');
}
