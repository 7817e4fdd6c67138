import type { Json } from '#xds/core.ts';
import type { HealthStatus, LbEndpoint } from '#xds/endpoint.ts';
import { type IstioEndpoint, NO_TLS } from '../model/endpoint.ts';
import type { Labels } from '../model/labels.ts';
import { isDraining } from './endpoint-query.ts';

/**
 * An endpoint as Envoy is given it. The metadata decide which transport socket is used.
 *
 * @source istio: pilot/pkg/xds/endpoints/endpoint_builder.go, buildEnvoyLbEndpoint
 */
export function lbEndpoint(endpoint: IstioEndpoint, speaksMtls: boolean): LbEndpoint {
  const tlsMode = speaksMtls ? endpoint.tlsMode : '';
  const filterMetadata: { [filter: string]: { [key: string]: Json } } = {};
  if (tlsMode !== '' && tlsMode !== NO_TLS) {
    filterMetadata['envoy.transport_socket_match'] = { tlsMode };
  }
  filterMetadata['istio'] = { workload: workloadMetadata(endpoint) };
  const healthStatus = healthOf(endpoint);
  return {
    endpoint: { address: addressOf(endpoint) },
    ...(healthStatus === undefined ? {} : { healthStatus }),
    metadata: { filterMetadata },
    loadBalancingWeight: endpoint.weight,
  };
}

/** A port of 0 is a Unix socket. */
function addressOf({ address, port }: IstioEndpoint) {
  return port === 0 ? { pipe: { path: address } } : { socketAddress: { address, portValue: port } };
}

function healthOf(endpoint: IstioEndpoint): HealthStatus | undefined {
  if (isDraining(endpoint)) return 'DRAINING';
  return endpoint.health === 'HEALTHY' || endpoint.health === 'UNHEALTHY'
    ? endpoint.health
    : undefined;
}

const NAME_LABELS = ['service.istio.io/canonical-name', 'app.kubernetes.io/name', 'app'];
const REVISION_LABELS = [
  'service.istio.io/canonical-revision',
  'app.kubernetes.io/version',
  'version',
];

/** `workload;namespace;service;revision;cluster`. @source istio: pilot/pkg/networking/util/util.go, AppendLbEndpointMetadata */
function workloadMetadata({ workloadName, namespace, labels, clusterId }: IstioEndpoint): string {
  const service = canonicalService(labels, workloadName);
  const revision = firstLabel(labels, REVISION_LABELS) ?? '';
  return [workloadName, namespace, service, revision === 'latest' ? '' : revision, clusterId].join(
    ';',
  );
}

/** @source istio: pkg/kube/labels/labels.go, CanonicalService */
export function canonicalService(labels: Labels, workloadName: string): string {
  return firstLabel(labels, NAME_LABELS) ?? workloadName;
}

function firstLabel(labels: Labels, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = labels.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
