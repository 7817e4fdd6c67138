import { NO_TLS } from '../model/endpoint.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import type { MutualTlsMode } from '../model/peer-authentication.ts';
import type { Service, ServicePort } from '../model/service.ts';
import type { PlacedPolicy } from '../model/traffic-policy.ts';
import { isPassthrough } from './load-balancer.ts';

/**
 * What the workloads of a service demand, as far as namespace and mesh tell: the hint for automatic
 * mTLS. Where the application chooses the address all endpoints must have a sidecar.
 *
 * @source istio: pilot/pkg/model/push_context.go, BestEffortInferServiceMTLSMode
 */
export function serviceMtlsMode(
  model: MeshModel,
  service: Service,
  port: ServicePort,
  policy: PlacedPolicy | undefined,
): MutualTlsMode {
  if (service.meshExternal) return 'UNKNOWN';
  const passesThrough =
    service.resolution === 'Passthrough' || isPassthrough(policy?.policy.loadBalancer);
  if (passesThrough) {
    const endpoints = model.endpoints(service, port.name);
    const isDisabled =
      endpoints.length === 0 || endpoints.some(({ tlsMode }) => tlsMode === NO_TLS);
    if (isDisabled) return 'DISABLE';
  }
  const mode = model.peerAuthentications.namespaceMode(service.namespace);
  return mode === 'UNKNOWN' ? 'PERMISSIVE' : mode;
}
