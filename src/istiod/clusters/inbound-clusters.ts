import type { IstioIngressListener } from '#config/istio/sidecar.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { LocalityLbEndpoints } from '#xds/endpoint.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import { inboundClusterName, isIpv4Address, isIpv6Address } from '../model/names.ts';
import { parseProtocol } from '../model/protocol.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { Service, ServicePort } from '../model/service.ts';
import type { ServiceTarget } from '../model/service-targets.ts';
import type { SidecarScope } from '../model/sidecar-scope.ts';
import { type EffectivePolicy, portPolicy, withMeshDefaults } from '../model/traffic-policy.ts';
import { clusterMetadata } from './cluster-metadata.ts';
import { noteClusterOrigins, originOf } from './cluster-origins.ts';
import { connectionPoolParts } from './connection-pool.ts';
import {
  declaredHttpVersion,
  HTTP_PROTOCOL_OPTIONS,
  httpProtocolOptions,
} from './http-protocol-options.ts';
import type { ClusterContext } from './outbound-clusters.ts';
import { inboundBind } from './special-clusters.ts';

/** A cluster towards the proxy's own workload. */
interface InboundInput {
  /** In the cluster's name: the workload's port, or a Sidecar's listener port. */
  readonly clusterPort: number;
  /** Where to; empty means the address that was asked for. */
  readonly address: string;
  readonly port: number;
  /** The services behind it, the deciding one first; none for a port that only a Sidecar knows. */
  readonly targets: readonly ServiceTarget[];
  readonly protocol: ServicePort['protocol'];
}

/**
 * The clusters towards the workload: one for each port that a service leads to, or one for each
 * ingress listener of the Sidecar, which then stand alone.
 *
 * @source istio: pilot/pkg/networking/core/cluster.go, buildInboundClusters
 */
export function inboundClusters(context: ClusterContext): Cluster[] {
  const { model, proxy } = context;
  const scope = model.scopeFor(proxy);
  const targets = model.serviceTargets(proxy);
  const inputs = scope.hasIngressListener
    ? (scope.sidecar?.spec.ingress ?? []).flatMap((listener) =>
        ingressInput(listener, targets, proxy),
      )
    : serviceInputs(model, proxy, targets);
  return inputs.map((input) => inboundCluster(context, scope, input));
}

function serviceInputs(
  model: MeshModel,
  proxy: ProxyModel,
  targets: readonly ServiceTarget[],
): InboundInput[] {
  if (proxy.interceptionMode === 'NONE') return [];
  const byPort = new Map<number, ServiceTarget[]>();
  for (const target of targets) {
    const known = byPort.get(target.targetPort);
    if (known === undefined) byPort.set(target.targetPort, [target]);
    else known.push(target);
  }
  const address =
    model.meshConfig.inboundTrafficPolicy === 'PASSTHROUGH' ? '' : localAddress(proxy);
  return [...byPort].map(([port, own]) => ({
    clusterPort: port,
    address,
    port,
    targets: own,
    protocol: own[0]!.port.protocol,
  }));
}

function localAddress(proxy: ProxyModel): string {
  return proxy.ips.length > 0 && !proxy.ips.some(isIpv4Address) ? '::1' : '127.0.0.1';
}

const UNIX_PREFIX = 'unix://';

/** @source istio: pilot/pkg/networking/core/cluster.go, buildInboundClustersFromSidecar */
function ingressInput(
  listener: IstioIngressListener,
  targets: readonly ServiceTarget[],
  proxy: ProxyModel,
): InboundInput[] {
  if (listener.port === undefined) return [];
  const endpoint = ingressEndpoint(listener.defaultEndpoint, proxy);
  if (endpoint === undefined) return [];
  const { number, protocol, name } = listener.port;
  const found = targets.find(({ targetPort }) => targetPort === number);
  // The listener's own port stands for the service's.
  const port = { name, port: number, protocol: parseProtocol(protocol) };
  return [
    {
      clusterPort: number,
      ...endpoint,
      targets: found === undefined ? [] : [{ ...found, port }],
      protocol: port.protocol,
    },
  ];
}

/** Where an ingress listener leads; undefined for an endpoint that can't be read. */
function ingressEndpoint(
  text: string,
  proxy: ProxyModel,
): { readonly address: string; readonly port: number } | undefined {
  if (text === '') return { address: '', port: 0 };
  if (text.startsWith(UNIX_PREFIX)) return { address: text, port: 0 };
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text) ?? [];
  if (port === undefined) return undefined;
  return { address: ingressAddress(bracketed ?? plain ?? '', proxy), port: Number(port) };
}

/** `0.0.0.0` and `::` are the workload's own addresses. */
function ingressAddress(host: string, proxy: ProxyModel): string {
  switch (host) {
    case '0.0.0.0':
      return proxy.ips.find(isIpv4Address) ?? '127.0.0.1';
    case '::':
      return proxy.ips.find(isIpv6Address) ?? '::1';
    case '127.0.0.1':
    case '::1':
      return localAddressNear(host, proxy);
    default:
      return '';
  }
}

/** The loopback address that was asked for, as far as the proxy has that family. */
function localAddressNear(host: string, proxy: ProxyModel): string {
  const hasV4 = proxy.ips.length === 0 || proxy.ips.some(isIpv4Address);
  const hasV6 = proxy.ips.some(isIpv6Address);
  if (host === '127.0.0.1') return hasV4 ? host : '::1';
  return hasV6 ? host : '127.0.0.1';
}

/**
 * Only the connection pool of the server's own rule is applied, and a Sidecar's replaces it whole.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, buildInboundCluster
 */
function inboundCluster(
  context: ClusterContext,
  scope: SidecarScope,
  input: InboundInput,
): Cluster {
  const { model, proxy, notes } = context;
  const name = inboundClusterName(input.clusterPort);
  const target = input.targets[0];
  const rule = target && scope.destinationRule('inbound', proxy, target.service.hostname);
  const ruled = target === undefined ? {} : portPolicy(rule?.policy, target.port.port).blocks;
  const policy = withSidecarPool(withMeshDefaults(ruled, model.meshConfig), scope, input);
  const pool = connectionPoolParts(
    model.meshConfig,
    policy.connectionPool?.value,
    policy.retryBudget?.value,
  );
  const clientProtocol = policy.connectionPool?.value.http?.useClientProtocol === true;
  const declared = declaredHttpVersion(input.protocol, true);
  const options = httpProtocolOptions({
    version: clientProtocol ? 'downstream' : declared,
    common: pool.commonHttp,
    http2: pool.http2,
  });
  const isStatic = input.address !== '';
  const portOverride = target?.service.passthroughTargetPorts.get(target.port.port);
  const cluster: Cluster = {
    name,
    altStatName: `${name};`,
    type: isStatic ? 'STATIC' : 'ORIGINAL_DST',
    ...(isStatic
      ? { loadAssignment: { clusterName: name, endpoints: [localEndpoint(input)] } }
      : { lbPolicy: 'CLUSTER_PROVIDED', cleanupInterval: NEVER }),
    ...(isStatic || portOverride === undefined
      ? {}
      : { originalDstLbConfig: { upstreamPortOverride: portOverride } }),
    connectTimeout: pool.connectTimeout,
    circuitBreakers: pool.circuitBreakers,
    ...(pool.upstreamConnectionOptions === undefined
      ? {}
      : { upstreamConnectionOptions: pool.upstreamConnectionOptions }),
    commonLbConfig: {},
    ...(options === undefined
      ? {}
      : { typedExtensionProtocolOptions: { [HTTP_PROTOCOL_OPTIONS]: options } }),
    ...(isLoopback(input.address) ? {} : { upstreamBindConfig: inboundBind(proxy) }),
    ...metadataOf(input, rule?.policy === undefined ? undefined : rule),
  };
  noteClusterOrigins(notes, cluster, originOfInbound(scope, input), policy);
  return cluster;
}

function withSidecarPool(
  policy: EffectivePolicy,
  scope: SidecarScope,
  { clusterPort }: InboundInput,
): EffectivePolicy {
  const own = scope.inboundConnectionPool(clusterPort);
  if (own === undefined) return policy;
  const { settings, path } = own;
  return { ...policy, connectionPool: { value: settings, rule: scope.sidecar, path } };
}

/** As far in the future as a protobuf duration goes: connections to the workload are kept. */
const NEVER = '9223372035s';

function isLoopback(address: string): boolean {
  return address === '127.0.0.1' || address === '::1';
}

function localEndpoint({ address, port }: InboundInput): LocalityLbEndpoints {
  const isSocket = address.startsWith(UNIX_PREFIX);
  return {
    lbEndpoints: [
      {
        endpoint: {
          address: isSocket
            ? { pipe: { path: address.slice(UNIX_PREFIX.length) } }
            : { socketAddress: { address, portValue: port } },
        },
      },
    ],
  };
}

function metadataOf(
  { targets }: InboundInput,
  rule: ReturnType<SidecarScope['destinationRule']>,
): Pick<Cluster, 'metadata'> {
  const first = targets[0];
  if (first === undefined || first.service.meshExternal) return {};
  const services = new Map<string, Service>();
  for (const { service, port } of targets) {
    if (port.port === first.port.port) services.set(service.hostname, service);
  }
  const config = rule && {
    apiVersion: rule.rule.apiVersion,
    kind: rule.rule.kind,
    namespace: rule.namespace,
    name: rule.rule.metadata.name,
  };
  return { metadata: clusterMetadata({ services: [...services.values()], config }) };
}

function originOfInbound(scope: SidecarScope, { targets, clusterPort }: InboundInput) {
  const { sidecar } = scope;
  if (sidecar !== undefined && scope.hasIngressListener) {
    const index = sidecar.spec.ingress.findIndex(({ port }) => port?.number === clusterPort);
    return originOf(sidecar, ['spec', 'ingress', index]);
  }
  return originOf(targets[0]!.service.source, ['spec', 'ports']);
}
