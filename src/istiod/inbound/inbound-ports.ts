import type { IstioIngressListener } from '#config/istio/sidecar.ts';
import { originOf } from '../clusters/cluster-origins.ts';
import { configMetadata } from '../config-metadata.ts';
import { inboundClusterName } from '../model/names.ts';
import { parseProtocol } from '../model/protocol.ts';
import type { ProxyView } from '../proxy-settings.ts';
import { serviceOrigin } from '../routes/route-origins.ts';
import type { InboundPort } from './inbound-filter-chains.ts';

/** A port with how it is reached. */
export interface BoundInboundPort extends InboundPort {
  /** A listener of its own instead of a chain of `virtualInbound`. */
  readonly bindsToPort: boolean;
}

/**
 * The ports on which the workload serves, by number: those that a Sidecar lists, else those of the
 * Services that select it. Of two Services with one container port the older decides.
 *
 * @source istio: pilot/pkg/networking/core/listener_inbound.go, buildInboundChainConfigs
 */
export function inboundPorts(view: ProxyView): BoundInboundPort[] {
  const ports = view.scope.hasIngressListener ? ingressPorts(view) : servicePorts(view);
  const byTarget = new Map<number, BoundInboundPort>();
  for (const port of ports) {
    if (!byTarget.has(port.targetPort)) byTarget.set(port.targetPort, port);
  }
  return [...byTarget.values()].sort((a, b) => a.targetPort - b.targetPort);
}

function servicePorts({ model, proxy, wildcardAddress }: ProxyView): BoundInboundPort[] {
  // Without redirection a listener would take the application's own port.
  if (proxy.interceptionMode === 'NONE') return [];
  return model
    .serviceTargets(proxy)
    .filter(({ targetPort }) => !isReserved(targetPort, model.meshConfig))
    .map(({ service, port, targetPort }) => ({
      targetPort,
      servicePort: port.port,
      protocol: port.protocol,
      cluster: inboundClusterName(targetPort),
      host: service.hostname,
      bind: wildcardAddress,
      isPassthrough: false,
      metadata: undefined,
      origin: serviceOrigin(service),
      bindsToPort: false,
    }));
}

function ingressPorts(view: ProxyView): BoundInboundPort[] {
  return (view.scope.sidecar?.spec.ingress ?? []).map((listener, index) =>
    ingressPort(listener, index, view),
  );
}

function ingressPort(
  listener: IstioIngressListener,
  index: number,
  view: ProxyView,
): BoundInboundPort {
  const { proxy, scope, wildcardAddress } = view;
  const number = listener.port?.number ?? 0;
  const name = scope.sidecar?.metadata.name ?? '';
  const isNone = proxy.interceptionMode === 'NONE';
  return {
    targetPort: number,
    servicePort: number,
    protocol: parseProtocol(listener.port?.protocol),
    cluster: inboundClusterName(number),
    host: `${name}.${scope.namespace}`,
    bind: listener.bind || (proxy.ips[0] ?? wildcardAddress),
    isPassthrough: false,
    metadata: configMetadata('sidecar', { name, namespace: scope.namespace }),
    origin: scope.sidecar && originOf(scope.sidecar, ['spec', 'ingress', index]),
    bindsToPort: listener.captureMode === 'DEFAULT' ? isNone : listener.captureMode === 'NONE',
  };
}

/** The proxy's own ports. */
function isReserved(
  port: number,
  mesh: { readonly proxyListenPort: number; readonly proxyInboundListenPort: number },
): boolean {
  return [15021, 15090, mesh.proxyListenPort, mesh.proxyInboundListenPort].includes(port);
}
