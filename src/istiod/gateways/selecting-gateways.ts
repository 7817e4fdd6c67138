import type { Gateway } from '#config/resource.ts';
import type { IstioBehaviours } from '../model/istio-version.ts';
import { selects } from '../model/labels.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { ServiceTarget } from '../model/service-targets.ts';

/** A Gateway that a proxy serves, and the Services' ports that its port numbers may mean. */
export interface SelectingGateway {
  readonly gateway: Gateway;
  readonly targets: readonly ServiceTarget[];
  /** It names its Services (Gateway API): a port that they do not have is not served. */
  readonly namesServices: boolean;
}

/**
 * The Gateways that a proxy serves: by its labels, or, derived from the Gateway API, by the Services
 * that the proxy stands behind.
 *
 * @source istio: pilot/pkg/model/push_context.go, mergeGateways
 */
export function selectingGateways(
  gateways: readonly Gateway[],
  proxy: ProxyModel,
  targets: readonly ServiceTarget[],
  { separatesGatewayNamespaces }: Pick<IstioBehaviours, 'separatesGatewayNamespaces'>,
): readonly SelectingGateway[] {
  const all = gateways.flatMap((gateway): SelectingGateway[] => {
    const { annotations, namespace } = gateway.metadata;
    const services = annotations.get('internal.istio.io/gateway-service')?.split(',');
    if (services === undefined)
      return selects(gateway.spec.selector, proxy.labels)
        ? [{ gateway, targets, namesServices: false }]
        : [];
    const own = targets.filter(
      ({ service }) => service.namespace === namespace && services.includes(service.hostname),
    );
    return own.length === 0 ? [] : [{ gateway, targets: own, namesServices: true }];
  });
  return separatesGatewayNamespaces ? withoutForeign(all) : all;
}

const ACCOUNT = 'internal.istio.io/service-account-name';

/**
 * A gateway that istiod made for a namespace serves no Gateways of Istio's own from others.
 *
 * @source istio: the same file, filterStrictGatewayMerging
 */
function withoutForeign(all: readonly SelectingGateway[]): readonly SelectingGateway[] {
  const managed = all.filter(
    ({ gateway, namesServices }) =>
      namesServices && (gateway.metadata.annotations.get(ACCOUNT) ?? '') !== '',
  );
  if (managed.length === 0) return all;
  const namespaces = new Set(managed.map(({ gateway }) => gateway.metadata.namespace));
  return all.filter(
    ({ gateway, namesServices }) => namesServices || namespaces.has(gateway.metadata.namespace),
  );
}
