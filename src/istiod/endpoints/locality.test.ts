import { describe, expect, it } from 'vitest';
import { reducedEndpointsOf } from '../generate.ts';
import { configOf, proxyNamed } from '../test-mesh.ts';

const LOCALITIES = ['r1/z1/s1', 'r1/z1/s2', 'r1/z2/s1', 'r2/z1/s1', 'r3/z1/s1', ''];

function manifests(trafficPolicy: string): string {
  const endpoints = LOCALITIES.map(
    (locality, index) => `  - {address: 10.1.0.${index + 1}, locality: '${locality}'}`,
  );
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: s, namespace: ns}
spec:
  hosts: [s.example.test]
  resolution: STATIC
  ports: [{number: 80, name: http, protocol: HTTP}]
  endpoints:
${endpoints.join('\n')}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: s, namespace: ns}
spec: {host: s.example.test, trafficPolicy: ${trafficPolicy}}
`;
}

/** One value per endpoint, in the order of LOCALITIES; undefined where it is not sent. */
function perEndpoint(
  trafficPolicy: string,
  value: 'priority' | 'localityWeight',
  locality = 'r1/z1/s1',
): (number | undefined)[] {
  const config = configOf(manifests(trafficPolicy), proxyNamed({ locality }));
  const { hosts } = reducedEndpointsOf(config).find(({ cluster }) =>
    cluster.includes('s.example'),
  )!;
  return LOCALITIES.map((_, index) => {
    const host = hosts.find(({ address }) => address === `10.1.0.${index + 1}:80`);
    return host?.[value];
  });
}

describe('priorities of localities', () => {
  it('follow the distance once there is outlier detection', () => {
    expect(perEndpoint('{outlierDetection: {}}', 'priority')).toEqual([0, 1, 2, 3, 3, 3]);
  });

  it('put the target of a failover before other regions', () => {
    const failover = 'loadBalancer: {localityLbSetting: {failover: [{from: r1, to: r3}]}}';
    expect(perEndpoint(`{outlierDetection: {}, ${failover}}`, 'priority')).toEqual([
      0, 1, 2, 4, 3, 4,
    ]);
    expect(perEndpoint(`{${failover}}`, 'priority')).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('take an empty locality for the same as an empty one', () => {
    expect(perEndpoint('{outlierDetection: {}}', 'priority', '')).toEqual([1, 1, 1, 1, 1, 0]);
  });
});

describe('weights of localities', () => {
  const distribute =
    "{loadBalancer: {localityLbSetting: {distribute: [{from: 'r1/z1/*', to: {'r1/z1/*': 70, 'r2/*': 30}}]}}}";

  it('are shared among the localities that a distribution covers; others get no endpoints', () => {
    expect(perEndpoint(distribute, 'localityWeight')).toEqual([
      35,
      35,
      undefined,
      30,
      undefined,
      undefined,
    ]);
  });

  it('stay as they are for a client that no rule names', () => {
    expect(perEndpoint(distribute, 'localityWeight', 'r2/z1/s1')).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('count only in a cluster that is told so', () => {
    const weighted = configOf(manifests(distribute)).clusters.find(({ name }) =>
      name.includes('s.example'),
    );
    expect(weighted!.commonLbConfig).toHaveProperty('localityWeightedLbConfig');
    const plain = configOf(manifests('{outlierDetection: {}}')).clusters.find(({ name }) =>
      name.includes('s.example'),
    );
    expect(plain!.commonLbConfig).not.toHaveProperty('localityWeightedLbConfig');
  });
});

describe('traffic distribution', () => {
  const service = (distribution: string): string => `
apiVersion: v1
kind: Service
metadata: {name: s, namespace: ns}
spec:
  clusterIP: 10.0.0.1
  selector: {app: s}
  trafficDistribution: ${distribution}
  ports: [{name: http, port: 80}]
---
${['n1/r1/z1', 'n2/r1/z2', 'n3/r2/z1']
  .map((text, index) => {
    const [node, region, zone] = text.split('/');
    return `
apiVersion: v1
kind: Node
metadata:
  name: ${node}
  labels: {topology.kubernetes.io/region: ${region}, topology.kubernetes.io/zone: ${zone}}
---
apiVersion: v1
kind: Pod
metadata: {name: s-${index}, namespace: ns, labels: {app: s}}
spec: {nodeName: ${node}, containers: [{name: main}]}
status: {podIP: 10.1.0.${index + 1}}
`;
  })
  .join('---\n')}`;
  const client = proxyNamed({
    locality: 'r1/z2/',
    labels: { 'topology.kubernetes.io/region': 'r1', 'topology.kubernetes.io/zone': 'z2' },
  });
  const priorities = (distribution: string): Map<string, number> => {
    const [found] = reducedEndpointsOf(configOf(service(distribution), client));
    return new Map(found!.hosts.map(({ address, priority }) => [address, priority]));
  };

  it('prefers the own zone, then the own region, without outlier detection', () => {
    expect(priorities('PreferClose')).toEqual(
      new Map([
        ['10.1.0.2:80', 0],
        ['10.1.0.1:80', 1],
        ['10.1.0.3:80', 2],
      ]),
    );
  });
});
