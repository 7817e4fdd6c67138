import { type ConsolidatedDestinationRule, subsetOf } from '../model/destination-rule-merge.ts';
import { DRAINING_LABEL, type IstioEndpoint, MUTUAL_TLS } from '../model/endpoint.ts';
import { type Labels, NO_LABELS, selects } from '../model/labels.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import { isIpAddress } from '../model/names.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { Service, ServicePort } from '../model/service.ts';
import { type EffectivePolicy, mergeSubsetPolicy, portPolicy } from '../model/traffic-policy.ts';
import { ruledTlsMode } from './ruled-tls.ts';

/** Which endpoints are asked for: those behind one cluster. */
export interface EndpointQuery {
  readonly clusterName: string;
  readonly service: Service;
  readonly port: ServicePort;
  readonly rule: ConsolidatedDestinationRule | undefined;
  /** Empty for the service itself. */
  readonly subset: string;
}

/** What the rule alone says of the endpoints' port and subset: the mesh's defaults don't count here. */
export function endpointPolicy({ rule, subset, port }: EndpointQuery): EffectivePolicy {
  const base = portPolicy(rule?.policy, port.port).blocks;
  return mergeSubsetPolicy(base, subsetOf(rule, subset)?.policy, port.port);
}

function subsetLabels({ rule, subset }: EndpointQuery): Labels {
  return (subset === '' ? undefined : subsetOf(rule, subset)?.labels) ?? NO_LABELS;
}

/**
 * Whether endpoints that are not ready are sent, as UNHEALTHY: unless a rule wants traffic to them
 * once few are healthy.
 *
 * @source istio: pilot/pkg/xds/endpoints/endpoint_builder.go, supportsUnhealthyEndpoints
 */
function sendsUnhealthy(query: EndpointQuery, model: MeshModel): boolean {
  if (query.service.trafficDistribution !== 'Any') return true;
  if (!model.behaviours.sendsUnhealthyEndpoints) return false;
  const minHealthPercent = endpointPolicy(query).outlierDetection?.value.minHealthPercent ?? 0;
  return minHealthPercent <= 0;
}

const PERSISTENT_SESSION_LABEL = 'istio.io/persistent-session';

/**
 * The endpoints of a cluster that a proxy is told of.
 *
 * @source istio: pilot/pkg/xds/endpoints/endpoint_builder.go, filterIstioEndpoint, BuildClusterLoadAssignment
 */
export function visibleEndpoints(
  query: EndpointQuery,
  model: MeshModel,
  proxy: ProxyModel,
  source: 'eds' | 'cluster',
): readonly IstioEndpoint[] {
  const { service } = query;
  const wanted = subsetLabels(query);
  const withUnhealthy = sendsUnhealthy(query, model);
  const withDraining = (service.labels.get(PERSISTENT_SESSION_LABEL) ?? '') !== '';
  return model.endpoints(service, query.port.name).filter((endpoint) => {
    const { health, labels } = endpoint;
    if (service.isNodeLocal && endpoint.nodeName !== proxy.node) return false;
    if (health === 'TERMINATING') return false;
    if (health === 'UNHEALTHY' && !withUnhealthy) return false;
    if (isDraining(endpoint) && !withDraining) return false;
    if (source === 'eds' && endpoint.port !== 0 && !isAddressable(endpoint)) return false;
    return selects(wanted, labels);
  });
}

export function isDraining({ health, labels }: IstioEndpoint): boolean {
  return health === 'DRAINING' || (labels.get(DRAINING_LABEL) ?? '') !== '';
}

/** A name can't be sent as an endpoint, only an IP. */
function isAddressable({ address }: IstioEndpoint): boolean {
  return address === '' || isIpAddress(address);
}

/**
 * Whether the client speaks mTLS to an endpoint: as the rule says, else where the endpoint has a
 * sidecar and its port is not exempt.
 *
 * @source istio: pilot/pkg/xds/endpoints/mtls_checker.go, checkMtlsEnabled
 */
export function mtlsChecker(
  query: EndpointQuery,
  model: MeshModel,
): (endpoint: IstioEndpoint) => boolean {
  const mode = ruledTlsMode(query.rule, query.subset, query.port.port);
  if (mode !== undefined) return () => mode === 'ISTIO_MUTUAL';
  return ({ tlsMode, namespace, labels, port }) =>
    tlsMode === MUTUAL_TLS &&
    model.peerAuthentications.portMode(namespace, labels, port) !== 'DISABLE';
}
