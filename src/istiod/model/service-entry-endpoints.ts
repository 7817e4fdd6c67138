import type { ServiceEntryPort } from '#config/istio/service-entry.ts';
import type { ServiceEntry } from '#config/resource.ts';
import { type IstioEndpoint, NO_TLS } from './endpoint.ts';
import { NO_LABELS, selects } from './labels.ts';
import { CLUSTER_ID } from './proxy.ts';
import { isResolvedByDns, type Service } from './service.ts';
import { entryInstance, UNIX_PREFIX, type WorkloadInstance } from './workload.ts';

/**
 * The endpoints of one service of a ServiceEntry: its own, else the workloads that it selects, else
 * for DNS the host itself.
 *
 * @source istio: pilot/pkg/serviceregistry/serviceentry/conversion.go, services, convertServiceEntryToInstances
 */
export function endpointsOfServiceEntry(
  resource: ServiceEntry,
  service: Service,
  workloads: readonly WorkloadInstance[],
  trustDomain: string,
): IstioEndpoint[] {
  const { ports, endpoints, workloadSelector } = resource.spec;
  if (workloadSelector !== undefined) {
    return workloads
      .filter(
        (workload) =>
          selects(workloadSelector.labels, workload.facts.labels) &&
          (!workload.isForDnsOnly || isResolvedByDns(service)),
      )
      .flatMap((workload) => ports.map((port) => endpointOf(workload, port)));
  }
  if (endpoints.length === 0) {
    return isResolvedByDns(service) ? ports.map((port) => hostItself(resource, service, port)) : [];
  }
  return endpoints.flatMap((endpoint, index) => {
    const identity = {
      name: `${resource.metadata.name}-${index}`,
      namespace: resource.metadata.namespace,
      annotations: NO_LABELS,
      labels: NO_LABELS,
      source: resource,
    };
    const instance = entryInstance(endpoint, identity, trustDomain);
    return ports.map((port) => endpointOf(instance, port));
  });
}

/**
 * The port: a socket has none, else the workload's own by name, else the target port, else the number.
 *
 * @source istio: conversion.go, convertWorkloadInstanceToServiceInstance
 */
function endpointOf(workload: WorkloadInstance, port: ServiceEntryPort): IstioEndpoint {
  const { facts, health } = workload;
  const servicePortName = port.name;
  if (facts.address.startsWith(UNIX_PREFIX)) {
    const address = facts.address.slice(UNIX_PREFIX.length);
    return { ...facts, address, port: 0, servicePortName, health };
  }
  const own = workload.ports.get(port.name) ?? 0;
  return { ...facts, port: own || port.targetPort || port.number, servicePortName, health };
}

function hostItself(
  resource: ServiceEntry,
  service: Service,
  port: ServiceEntryPort,
): IstioEndpoint {
  return {
    address: service.hostname,
    port: port.targetPort || port.number,
    servicePortName: port.name,
    labels: NO_LABELS,
    locality: '',
    weight: 1,
    health: 'UNKNOWN',
    tlsMode: NO_TLS,
    serviceAccount: '',
    namespace: resource.metadata.namespace,
    workloadName: resource.metadata.name,
    nodeName: '',
    network: '',
    clusterId: CLUSTER_ID,
    hostName: '',
    subDomain: '',
    source: resource,
  };
}
