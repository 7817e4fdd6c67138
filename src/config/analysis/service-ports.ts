import type { ServicePort } from '../kubernetes/service.ts';
import { isSupportedProtocol } from '../validation/protocol.ts';
import type { Analyzer } from './analysis-context.ts';
import { isControlPlane } from './in-mesh.ts';

const MANAGED_GATEWAYS = new Set([
  'istio.io-gateway-controller',
  'istio.io-mesh-controller',
  'istio.io-eastwest-controller',
]);
/** SMTP, DNS, MySQL, MongoDB: sniffing would break their servers. */
const WELL_KNOWN_PORTS = new Set([25, 53, 3306, 27017]);
const APP_PROTOCOLS = new Set(['kubernetes.io/h2c', 'kubernetes.io/ws', 'kubernetes.io/wss']);

/** @source istio: pkg/config/analysis/analyzers/service/portname.go */
export const portNameAnalyzer: Analyzer = {
  name: 'service.PortNameAnalyzer',
  inputs: ['Service'],
  analyze(context) {
    for (const service of context.of('Service')) {
      const managed = service.metadata.labels.get('gateway.istio.io/managed') ?? '';
      if (isControlPlane(service) || MANAGED_GATEWAYS.has(managed)) continue;
      const isExternal = service.spec.type === 'ExternalName';
      for (const [index, port] of service.spec.ports.entries()) {
        if (namesProtocol(port) && !(isExternal && port.name === 'tcp')) continue;
        const where = {
          line: ['spec', 'ports', index, 'port'],
          at: ['spec', 'ports', index, 'name'],
        };
        const parameters = [port.name, port.port, String(port.targetPort ?? 0)];
        if (isExternal) context.report('IST0150', service, [], where);
        else context.report('IST0118', service, parameters, where);
      }
    }
  },
};

/**
 * Whether a port says its protocol, so that nothing has to be sniffed.
 *
 * @source istio: pkg/config/kube/conversion.go, ConvertProtocol
 */
function namesProtocol({ name, protocol, appProtocol, port }: ServicePort): boolean {
  if (protocol === 'UDP' || (appProtocol !== undefined && APP_PROTOCOLS.has(appProtocol)))
    return true;
  const text = (appProtocol ?? name).toLowerCase();
  if (text.startsWith('grpc-web')) return true;
  return isSupportedProtocol(text.split('-')[0]!) || WELL_KNOWN_PORTS.has(port);
}
