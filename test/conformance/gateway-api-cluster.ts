import { type LoadedResources, loadText } from '#config/loader.ts';
import type { Resource } from '#config/resource.ts';
import type { GatewayServices } from '#istiod/gateway-api/gateway-instances.ts';

/** The Services of Istio's test that gateways name, each port with one endpoint. */
export const GATEWAY_SERVICES: GatewayServices = {
  namespacesOf: (hostname) => namespacesByHost().get(hostname) ?? [],
  service: (hostname, namespace) => {
    if (!namespacesByHost().get(hostname)?.includes(namespace)) return undefined;
    const isIngress = hostname === 'istio-ingressgateway.istio-system.svc.domain.suffix';
    const ports = isIngress ? [80, 443, 34000, 34001] : [80, 34000, 34001];
    return {
      externalAddresses: isIngress ? ['1.2.3.4'] : [],
      clusterAddresses: [],
      isLoadBalancer: false,
      isManaged: false,
      ports,
      endpointPorts: new Map(ports.map((port) => [port, [port === 80 ? 8080 : 0]])),
    };
  },
};

function namespacesByHost(): ReadonlyMap<string, readonly string[]> {
  const services = SERVICES.map((path) => {
    const [namespace = '', name] = path.split('/');
    return [`${name}.${namespace}.svc.domain.suffix`, [namespace]] as const;
  });
  return new Map([...services, ['example.com', ['istio-system']]]);
}

/** `namespace/name` of the Services that Istio's own test of the conversion has in its cluster. */
const SERVICES = [
  'istio-system/istio-ingressgateway default/httpbin apple/httpbin-apple banana/httpbin-banana',
  'default/httpbin-second default/httpbin-wildcard default/foo-svc default/httpbin-other',
  'default/example default/echo cert/httpbin service/my-svc allowed-1/a-example',
  'allowed-2/a-example allowed-1/b-example allowed-1/svc2 allowed-2/svc2 allowed-1/svc1',
  'allowed-2/svc3 default/svc4 group-namespace1/httpbin group-namespace2/httpbin',
  'default/httpbin-zero istio-system/httpbin default/httpbin-mirror default/httpbin-foo',
  'default/httpbin-alt istio-system/istiod istio-system/echo default/httpbin-bad default/echo-1',
  'default/echo-2 default/echo-port default/not-found',
].flatMap((line) => line.split(' '));

const HOSTS = ['istio-system/example.com', 'default/google.com'];

const SECRETS = [
  'istio-system/my-cert-http ns2/ns2-cert ns3/ns3-cert ns4/ns4-cert istio-system/my-cert',
  'istio-system/my-cert-http2 cert/cert bookinfo/bookinfo-secret bookinfo/another-secret',
].flatMap((line) => line.split(' '));

const CERTIFICATE = '-----BEGIN CERTIFICATE-----';

/**
 * The cluster in which Istio's test converts its files.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion_test.go, services, objects, readConfig
 */
export function clusterOf(input: LoadedResources): readonly Resource[] {
  const namespaces = new Set(input.resources.map(({ metadata }) => metadata.namespace));
  const objects = [
    ...SERVICES.map((name) => object('v1', 'Service', name, {})),
    ...HOSTS.map((name) =>
      object('networking.istio.io/v1', 'ServiceEntry', name, {
        spec: { hosts: [name.slice(name.indexOf('/') + 1)], ports: [{ number: 80, name: 'http' }] },
      }),
    ),
    ...SECRETS.map((name) => object('v1', 'Secret', name, { data: { 'tls.crt': CERTIFICATE } })),
    object('v1', 'Secret', 'istio-system/malformed', { data: { 'tls.crt': 'SGVsbG8gd29ybGQK' } }),
    object('v1', 'ConfigMap', 'istio-system/malformed', { data: { 'not-ca.crt': 'hello' } }),
    object('v1', 'ConfigMap', 'istio-system/malformed-trustbundle', {
      data: { 'ca.crt': 'hello' },
    }),
    object('v1', 'ConfigMap', 'default/malformed', { data: { 'not-ca.crt': 'hello' } }),
    object('v1', 'ConfigMap', 'istio-system/my-cert-http', { data: { 'ca.crt': CERTIFICATE } }),
    object('v1', 'ConfigMap', 'default/auth-cert', { data: { 'ca.crt': CERTIFICATE } }),
    ...[...namespaces]
      .filter((name) => name !== '')
      .map((name) => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'istio.io/test-name-part': name.split('-')[0] } },
      })),
  ];
  const text = objects.map((it) => JSON.stringify(it)).join('\n---\n');
  return [...loadText('cluster.yaml', text).resources, ...input.resources];
}

function object(apiVersion: string, kind: string, path: string, body: object): object {
  const [namespace, name] = path.split('/');
  return { apiVersion, kind, metadata: { name, namespace }, ...body };
}
