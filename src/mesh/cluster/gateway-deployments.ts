import type { Listener } from '#config/gateway-api/gateway.ts';
import type { KubernetesGateway, Resource } from '#config/resource.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import {
  deployedName,
  isManaged,
  roleOf,
  serviceAccountOf,
} from '#istiod/gateway-api/gateway-class.ts';
import { madeResource } from './made-resource.ts';

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';

/**
 * The Deployment and Service, `NAME-CLASS`, that istiod makes for each Gateway of the Gateway API;
 * those that manifests have stay as they are.
 *
 * @source istio: manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml
 */
export function gatewayDeployments(store: ResourceStore): readonly {
  readonly name: string;
  readonly namespace: string;
  readonly resources: readonly Resource[];
}[] {
  return store.of('KubernetesGateway').flatMap((gateway) => {
    if (roleOf(gateway, store) !== 'gateway' || !isManaged(gateway)) return [];
    const name = deployedName(gateway);
    const { namespace } = gateway.metadata;
    const resources = [
      ...(store.find('Deployment', namespace, name) ? [] : [deployment(gateway, name)]),
      ...(store.find('Service', namespace, name) ? [] : [service(gateway, name)]),
    ].filter((it) => it !== undefined);
    return resources.length === 0 ? [] : [{ name, namespace, resources }];
  });
}

function labelsOf({ metadata, spec }: KubernetesGateway): ReadonlyMap<string, string> {
  return new Map([
    ...(spec.infrastructure?.labels ?? metadata.labels),
    [GATEWAY_NAME, metadata.name],
  ]);
}

function selectorOf({ metadata }: KubernetesGateway): ReadonlyMap<string, string> {
  return new Map([[GATEWAY_NAME, metadata.name]]);
}

function deployment(gateway: KubernetesGateway, name: string): Resource | undefined {
  const labels = labelsOf(gateway);
  const annotations = new Map([['inject.istio.io/templates', 'gateway']]);
  return madeResource(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: gateway.metadata.namespace, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: selectorOf(gateway) },
        template: {
          metadata: { labels, annotations },
          spec: {
            serviceAccountName: serviceAccountOf(gateway),
            containers: [{ name: 'istio-proxy' }],
          },
        },
      },
    },
    () => gateway.placeOf([]),
  );
}

const STATUS_PORT = { name: 'status-port', port: 15021 };

function service(gateway: KubernetesGateway, name: string): Resource | undefined {
  return madeResource(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: gateway.metadata.namespace, labels: labelsOf(gateway) },
      spec: {
        type: 'LoadBalancer',
        selector: selectorOf(gateway),
        ports: [STATUS_PORT, ...listenerPorts(gateway.spec.listeners)],
      },
    },
    () => gateway.placeOf([]),
  );
}

/** One port for the listeners of each number, named after the first. */
function listenerPorts(listeners: readonly Listener[]) {
  const byNumber = new Map(
    [...listeners].reverse().map((listener) => [listener.port, listener] as const),
  );
  return [...byNumber.values()]
    .reverse()
    .map(({ name, port, protocol }) => ({ name, port, appProtocol: protocol.toLowerCase() }));
}
