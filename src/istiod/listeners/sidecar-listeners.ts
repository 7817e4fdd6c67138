import type { Listener } from '#xds/listener.ts';
import type { IstioEndpoint } from '../model/endpoint.ts';
import { portByNumber, type Service } from '../model/service.ts';
import { addressForProxy } from '../model/service-addresses.ts';
import type { ObservedProxy } from '../observed-proxy.ts';
import type { ProxyView } from '../proxy-settings.ts';
import { unknownTrafficCluster } from '../routes/catch-all-virtual-host.ts';
import { dynamicDnsRoutes } from '../routes/sidecar-routes.ts';
import { type OutboundListenerContext, outboundListeners } from './outbound-listeners.ts';
import { httpProxyListener, virtualOutboundListener } from './virtual-outbound.ts';

/**
 * The listeners of a sidecar for what its workload calls.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, buildSidecarListeners
 */
export function sidecarOutboundListeners(view: ProxyView, observed: ObservedProxy): Listener[] {
  const context = outboundContext(view, observed);
  const { proxyHttpPort } = view.model.meshConfig;
  return [
    ...outboundListeners(context),
    ...(proxyHttpPort === 0 ? [] : [httpProxyListener(proxyHttpPort, context)]),
    ...(view.proxy.interceptionMode === 'NONE'
      ? []
      : [virtualOutboundListener(context, dynamicDnsRoutes(view))]),
  ];
}

function outboundContext(view: ProxyView, observed: ObservedProxy): OutboundListenerContext {
  const { proxyListenPort, proxyInboundListenPort } = view.model.meshConfig;
  return {
    ...view,
    sidecar: view.scope.sidecar,
    egressListeners: view.scope.egressListeners,
    proxyListenPort,
    proxyInboundListenPort,
    unknownTrafficCluster: unknownTrafficCluster(view.scope.outboundTrafficPolicy),
    isOwnAddress: (address) => observed.hasAddress(address),
    addressOf: (service) => addressForProxy(service, view.proxy),
    endpointsOf: (service, port) => endpointsOf(service, port, observed),
  };
}

/** The endpoints behind a port of a service. */
function endpointsOf(
  service: Service,
  port: number,
  observed: ObservedProxy,
): readonly IstioEndpoint[] {
  const found = portByNumber(service, port);
  return found === undefined ? [] : observed.endpoints(service, found.name);
}
