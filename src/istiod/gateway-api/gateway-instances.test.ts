import { describe, expect, it } from 'vitest';
import {
  type GatewayService,
  type GatewayServices,
  gatewayInstances,
} from './gateway-instances.ts';

const HOST = 'gw.infra.svc.cluster.local';

function servicesOf(service: Partial<GatewayService> | undefined): GatewayServices {
  const whole: GatewayService | undefined = service && {
    externalAddresses: [],
    clusterAddresses: ['10.96.0.1'],
    isLoadBalancer: false,
    isManaged: false,
    ports: [80],
    endpointPorts: new Map([[80, [8080]]]),
    ...service,
  };
  return {
    service: (_host, namespace) => (namespace === 'infra' ? whole : undefined),
    namespacesOf: () => (whole === undefined ? [] : ['infra']),
  };
}

const IN_INFRA = { namespace: 'infra', hosts: [HOST] };

describe('where a gateway is served', () => {
  it('is the host and port of each Service that has endpoints there', () => {
    const found = gatewayInstances(IN_INFRA, [80, 80], servicesOf({}));
    expect(found).toMatchObject({ internal: [`${HOST}:80`], warnings: [], areAllUsable: true });
  });

  it('names the Service port that was meant when a listener has the port of the pods', () => {
    const { warnings, areAllUsable } = gatewayInstances(IN_INFRA, [8080], servicesOf({}));
    expect(warnings).toEqual([
      `port 8080 not found for hostname "${HOST}" (hint: the service port should be specified, not the workload port. Did you mean one of these ports: [80]?)`,
    ]);
    expect(areAllUsable).toBe(false);
  });

  it('says in which namespace the Service is when it is not in that of the gateway', () => {
    const { warnings } = gatewayInstances({ namespace: 'b', hosts: [HOST] }, [80], servicesOf({}));
    expect(warnings).toEqual([
      `hostname "${HOST}" not found in namespace "b", but it was found in namespace(s) "infra"`,
    ]);
  });

  it('waits for the address of a load balancer, which is no error of the configuration', () => {
    const found = gatewayInstances(IN_INFRA, [80], servicesOf({ isLoadBalancer: true }));
    expect(found).toMatchObject({
      pending: [HOST],
      warnings: [`address pending for hostname "${HOST}"`],
      areAllUsable: true,
    });
  });

  it('says that there are no pods, and nothing of a port that a managed Service names', () => {
    const nobody = servicesOf({ endpointPorts: new Map() });
    expect(gatewayInstances(IN_INFRA, [80], nobody).warnings).toEqual([
      `no instances found for hostname "${HOST}"`,
    ]);
    const managed = servicesOf({ isManaged: true, ports: [80, 443] });
    expect(gatewayInstances(IN_INFRA, [443], managed).warnings).toEqual([]);
  });
});
