import { withoutPort } from '#envoy/http/authority.ts';
import type { MeshModel } from '#istiod/model/mesh-model.ts';
import type { ProxyModel } from '#istiod/model/proxy.ts';
import { UNSPECIFIED_ADDRESS } from '#istiod/model/service.ts';

/** An address that belongs to nothing. @source istio: pilot/pkg/simulation/traffic.go, FillDefaults */
const NOWHERE = '1.3.3.7';

/**
 * The address that a workload finds for a Host: the service's that the name means in its namespace, else
 * one that belongs to nothing.
 */
export function callAddress(authority: string, proxy: ProxyModel, model: MeshModel): string {
  const host = withoutPort(authority);
  const suffix = `svc.${model.domain}`;
  const candidates = [
    host,
    `${host}.${proxy.namespace}.${suffix}`,
    `${host}.${suffix}`,
    `${host}.${model.domain}`,
  ];
  for (const candidate of candidates) {
    for (const service of model.registry.named(candidate)?.values() ?? []) {
      const address = service.defaultAddress;
      if (address !== '' && address !== UNSPECIFIED_ADDRESS) return address;
    }
  }
  return NOWHERE;
}
