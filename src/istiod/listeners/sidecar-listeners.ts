import type { Listener } from '#xds/listener.ts';
import { inboundListeners } from '../inbound/inbound-listeners.ts';
import { endpointsOf, type ProxyView } from '../proxy-settings.ts';
import { unknownTrafficCluster } from '../routes/catch-all-virtual-host.ts';
import { dynamicDnsRoutes } from '../routes/sidecar-routes.ts';
import { type OutboundListenerContext, outboundListeners } from './outbound-listeners.ts';
import { httpProxyListener, virtualOutboundListener } from './virtual-outbound.ts';

/**
 * All listeners of a sidecar.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, buildSidecarListeners
 */
export function sidecarListeners(view: ProxyView): Listener[] {
  const context = outboundContext(view);
  const { proxyHttpPort } = view.model.meshConfig;
  return [
    ...outboundListeners(context),
    ...(proxyHttpPort === 0 ? [] : [httpProxyListener(proxyHttpPort, context)]),
    ...(view.proxy.interceptionMode === 'NONE'
      ? []
      : [virtualOutboundListener(context, dynamicDnsRoutes(view))]),
    ...inboundListeners(view),
  ];
}

function outboundContext(view: ProxyView): OutboundListenerContext {
  const { proxyListenPort, proxyInboundListenPort } = view.model.meshConfig;
  return {
    ...view,
    sidecar: view.scope.sidecar,
    egressListeners: view.scope.egressListeners,
    proxyListenPort,
    proxyInboundListenPort,
    unknownTrafficCluster: unknownTrafficCluster(view.scope.outboundTrafficPolicy),
    addressOf: (service) => service.defaultAddress,
    endpointsOf: (service, port) => endpointsOf(view, service, port),
  };
}
