import type { FilterChain, Listener } from '#xds/listener.ts';
import { originOf } from '../clusters/cluster-origins.ts';
import { listenerName } from '../listeners/outbound-listener-entry.ts';
import type { WorkloadMutualTls } from '../model/peer-authentication.ts';
import type { ProxyView } from '../proxy-settings.ts';
import { INBOUND_PASSTHROUGH_CLUSTER } from '../special-names.ts';
import { type InboundContext, type InboundPort, inboundChains } from './inbound-filter-chains.ts';
import { type BoundInboundPort, inboundPorts } from './inbound-ports.ts';
import {
  inboundBlackHoleChain,
  inboundListener,
  virtualInboundOptions,
} from './virtual-inbound.ts';

/**
 * What arrives at a workload: `virtualInbound` with chains for every port that serves, for ports with
 * a TLS mode of their own, and for everything else.
 *
 * @source istio: pilot/pkg/networking/core/listener_inbound.go, buildInboundListeners
 */
export function inboundListeners(view: ProxyView): Listener[] {
  const { model, proxy } = view;
  const mutualTls = model.peerAuthentications.workloadMode(proxy.namespace, proxy.labels);
  const context = inboundContext(view, mutualTls);
  const modeOf = (port: number) => mutualTls.byPort.get(port) ?? mutualTls.mode;
  const ports = inboundPorts(view);
  const chainsOf = (port: InboundPort) => inboundChains(port, modeOf(port.targetPort), context);
  const own = ports.filter((port) => port.bindsToPort);
  const redirected = ports.filter((port) => !port.bindsToPort).flatMap(chainsOf);
  const custom = own.map((port) => customListener(port, chainsOf(port), view));
  if (proxy.interceptionMode === 'NONE') return custom;
  const served = new Set(ports.map(({ targetPort }) => targetPort));
  const passthroughPorts = [0, ...[...mutualTls.byPort.keys()].filter((port) => !served.has(port))];
  const chains = [
    inboundBlackHoleChain(model.meshConfig.proxyInboundListenPort),
    ...passthroughPorts.flatMap((port) => chainsOf(passthroughPort(port))),
    ...redirected,
  ];
  return [virtualInbound(chains, view), ...custom];
}

/** Proxies with the same key have the same inbound listeners. */
export function inboundKey(view: ProxyView): string {
  const { model, proxy } = view;
  const { mode, byPort, policy } = model.peerAuthentications.workloadMode(
    proxy.namespace,
    proxy.labels,
  );
  const ports = inboundPorts(view).map((port) => ({ ...port, origin: undefined }));
  const by = policy && [policy.metadata.namespace, policy.metadata.name];
  return JSON.stringify([mode, [...byPort], by, ports, view.listenerAccessLog]);
}

/** Ports that no service mentions go to the application as they are. */
function passthroughPort(targetPort: number): InboundPort {
  return {
    targetPort,
    servicePort: 0,
    protocol: 'UnsupportedProtocol',
    cluster: INBOUND_PASSTHROUGH_CLUSTER,
    host: '',
    bind: '',
    isPassthrough: true,
    metadata: undefined,
    origin: undefined,
  };
}

function inboundContext(
  { model, connectionManager, tcp, notes }: ProxyView,
  { policy }: WorkloadMutualTls,
): InboundContext {
  const { trustDomain, trustDomainAliases, defaultInboundHttpRetryPolicy } = model.meshConfig;
  return {
    connectionManager,
    tcp,
    trustDomains: [...new Set([trustDomain, ...trustDomainAliases])],
    inboundRetries: defaultInboundHttpRetryPolicy,
    behaviours: model.behaviours,
    notes,
    mutualTlsOrigin: policy && originOf(policy, ['spec', 'mtls']),
  };
}

function virtualInbound(chains: readonly FilterChain[], view: ProxyView): Listener {
  const { model, proxy, wildcardAddress, protocolDetectionTimeout, listenerAccessLog } = view;
  const options = virtualInboundOptions({
    bind: wildcardAddress,
    port: model.meshConfig.proxyInboundListenPort,
    isTransparent: proxy.interceptionMode === 'TPROXY',
    protocolDetectionTimeout,
    accessLog: listenerAccessLog,
  });
  return inboundListener(options, chains);
}

function customListener(
  { bind, targetPort }: BoundInboundPort,
  chains: readonly FilterChain[],
  { protocolDetectionTimeout, listenerAccessLog: accessLog }: ProxyView,
): Listener {
  const name = listenerName(bind, targetPort);
  const options = { name, bind, port: targetPort, bindsToPort: true, isTransparent: false };
  return inboundListener({ ...options, protocolDetectionTimeout, accessLog }, chains);
}
