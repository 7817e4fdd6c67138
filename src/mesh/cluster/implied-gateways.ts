import type { Resource } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import type { Place } from '#source/diagnostic.ts';
import { gatewayDeployments } from './gateway-deployments.ts';
import { madeResource } from './made-resource.ts';
import type { Labels, PodFacts } from './pod-facts.ts';

/** A gateway that manifests speak of and nobody deploys. */
export interface ImpliedGateway {
  readonly name: string;
  readonly namespace: string;
  /** The Deployment and the Service that stand for it. */
  readonly resources: readonly Resource[];
}

const NAMESPACE = 'istio-system';
/** Service port → the port that the gateway's container listens at. */
const USUAL_PORTS: ReadonlyMap<number, number> = new Map([
  [80, 8080],
  [443, 8443],
  [15021, 15021],
]);

/**
 * Gateways whose selector matches no pod: each selector gets one replica and a Service, named after
 * the selector's `istio:` value as an installation of Istio would name it. Gateways of the Gateway API
 * bring theirs along.
 */
export function impliedGateways(
  store: ResourceStore,
  pods: readonly PodFacts[],
): readonly ImpliedGateway[] {
  const bySelector = new Map<
    string,
    { selector: Labels; ports: Map<number, number>; at: () => Place }
  >();
  for (const gateway of store.of('Gateway')) {
    const { selector, servers } = gateway.spec;
    if (selector.size === 0 || pods.some((pod) => isSelected(selector, pod))) continue;
    const key = [...selector]
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(',');
    const found = bySelector.get(key) ?? {
      selector,
      ports: new Map(USUAL_PORTS),
      at: () => gateway.placeOf([]),
    };
    for (const server of servers) {
      const port = server.port?.number ?? 0;
      if (port > 0 && !found.ports.has(port)) found.ports.set(port, port);
    }
    bySelector.set(key, found);
  }
  return [
    ...[...bySelector.values()].map(({ selector, ports, at }) => implied(selector, ports, at)),
    ...gatewayDeployments(store),
  ];
}

function isSelected(selector: Labels, pod: PodFacts): boolean {
  for (const [name, value] of selector) if (pod.labels.get(name) !== value) return false;
  return true;
}

function implied(
  selector: Labels,
  ports: ReadonlyMap<number, number>,
  at: () => Place,
): ImpliedGateway {
  const value = selector.get('istio') ?? selector.get('app') ?? [...selector.values()][0]!;
  const name = selector.has('istio') ? `istio-${value}` : value;
  const labels = new Map(selector);
  const metadata = { name, namespace: NAMESPACE, labels };
  const deployment = madeResource(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: `${name}-service-account`,
            containers: [{ name: 'istio-proxy' }],
          },
        },
      },
    },
    at,
  );
  const service = madeResource(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { type: 'LoadBalancer', selector: labels, ports: servicePorts(ports) },
    },
    at,
  );
  return {
    name,
    namespace: NAMESPACE,
    resources: [deployment, service].flatMap((it) => (it === undefined ? [] : [it])),
  };
}

function servicePorts(ports: ReadonlyMap<number, number>) {
  const usual = new Map([
    [80, 'http2'],
    [443, 'https'],
    [15021, 'status-port'],
  ]);
  return [...ports]
    .sort(([a], [b]) => a - b)
    .map(([port, targetPort]) => ({ name: usual.get(port) ?? `port-${port}`, port, targetPort }));
}
