import type { Listener } from '#xds/listener.ts';
import { endpointsOf, type ProxyView } from '../proxy-settings.ts';
import { unknownTrafficCluster } from '../routes/catch-all-virtual-host.ts';
import { dynamicDnsRoutes } from '../routes/sidecar-routes.ts';
import { type OutboundListenerContext, outboundListeners } from './outbound-listeners.ts';
import { httpProxyListener, virtualOutboundListener } from './virtual-outbound.ts';

/**
 * The listeners of a sidecar for what its workload calls.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, buildSidecarListeners
 */
export function sidecarOutboundListeners(
  view: ProxyView,
  isOwnAddress: (address: string) => boolean,
): Listener[] {
  const context = outboundContext(view, isOwnAddress);
  const { proxyHttpPort } = view.model.meshConfig;
  return [
    ...outboundListeners(context),
    ...(proxyHttpPort === 0 ? [] : [httpProxyListener(proxyHttpPort, context)]),
    ...(view.proxy.interceptionMode === 'NONE'
      ? []
      : [virtualOutboundListener(context, dynamicDnsRoutes(view))]),
  ];
}

function outboundContext(
  view: ProxyView,
  isOwnAddress: (address: string) => boolean,
): OutboundListenerContext {
  const { proxyListenPort, proxyInboundListenPort } = view.model.meshConfig;
  return {
    ...view,
    sidecar: view.scope.sidecar,
    egressListeners: view.scope.egressListeners,
    proxyListenPort,
    proxyInboundListenPort,
    unknownTrafficCluster: unknownTrafficCluster(view.scope.outboundTrafficPolicy),
    isOwnAddress,
    addressOf: (service) => service.defaultAddress,
    endpointsOf: (service, port) => endpointsOf(view, service, port),
  };
}
