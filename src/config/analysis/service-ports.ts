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
const APP_PROTOCOLS: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/h2c', 'http2'],
  ['kubernetes.io/ws', 'http'],
  ['kubernetes.io/wss', 'https'],
]);

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

/** Whether a port says its protocol, so that nothing has to be sniffed. */
function namesProtocol(port: ServicePort): boolean {
  return declaredProtocol(port) !== undefined;
}

/**
 * The protocol that a port declares, in lower case; `undefined` when it has to be sniffed.
 *
 * @source istio: pkg/config/kube/conversion.go, ConvertProtocol
 */
export function declaredProtocol(servicePort: ServicePort): string | undefined {
  const { name, protocol, appProtocol, port } = servicePort;
  if (protocol === 'UDP') return 'udp';
  const known = appProtocol === undefined ? undefined : APP_PROTOCOLS.get(appProtocol);
  if (known !== undefined) return known;
  const text = (appProtocol ?? name).toLowerCase();
  if (text.startsWith('grpc-web')) return 'grpc-web';
  const prefix = text.split('-')[0]!;
  if (isSupportedProtocol(prefix)) return prefix;
  return WELL_KNOWN_PORTS.has(port) ? 'tcp' : undefined;
}
