import { loadText } from '#config/loader.ts';
import { readMeshConfig } from '#config/mesh-config-read.ts';
import { storeOf } from '#config/resource-store.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import { readYaml } from '#source/yaml-read.ts';
import type { Cluster } from '#xds/cluster.ts';
import { generateForProxy, type ProxyConfig } from './generate.ts';
import { MeshModel } from './model/mesh-model.ts';
import { type ProxyIdentity, type ProxyModel, proxyOf } from './model/proxy.ts';

/** What a test says of its mesh beside the manifests. */
export interface MeshOptions {
  readonly meshConfig?: object;
  readonly istioMinor?: number;
}

/** The model of some manifests. What does not load is the test's own mistake. */
export function modelOf(manifests: string, options: MeshOptions = {}): MeshModel {
  const diagnostics: Diagnostic[] = [];
  const loaded = loadText('mesh.yaml', manifests);
  const store = storeOf(loaded.resources, diagnostics);
  const config = readYaml('mesh', JSON.stringify(options.meshConfig ?? {}), 'kubernetes');
  const meshConfig = readMeshConfig(config.documents[0]!, diagnostics);
  const problems = [...loaded.diagnostics, ...diagnostics].map(({ message }) => message);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return new MeshModel(store, { meshConfig, istioMinor: options.istioMinor });
}

/** A proxy: a sidecar `client` of namespace `ns`, unless told otherwise. */
export function proxyNamed(
  identity: Omit<Partial<ProxyIdentity>, 'labels'> & { labels?: Record<string, string> } = {},
): ProxyModel {
  const { labels = {}, ...rest } = identity;
  return proxyOf({
    kind: 'sidecar',
    name: 'client',
    namespace: 'ns',
    ip: '10.9.9.9',
    ...rest,
    labels: new Map(Object.entries(labels)),
  });
}

/** What a proxy is sent. */
export function configOf(
  manifests: string,
  proxy: ProxyModel = proxyNamed(),
  options: MeshOptions = {},
): ProxyConfig {
  return generateForProxy(modelOf(manifests, options), proxy);
}

/** The clusters of a configuration by name. */
export function clustersByName(config: ProxyConfig): ReadonlyMap<string, Cluster> {
  return new Map(config.clusters.map((cluster) => [cluster.name, cluster]));
}

/** The manifests of the reference vectors: the services of namespace `ns`. */
export const REFERENCE_SERVICES = `
apiVersion: v1
kind: Service
metadata: {name: b, namespace: ns}
spec: {clusterIP: 10.0.0.1, selector: {app: b}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: r, namespace: ns}
spec: {clusterIP: 10.0.0.2, selector: {app: r}, ports: [{name: http, port: 9080}]}
---
apiVersion: v1
kind: Service
metadata: {name: c, namespace: ns}
spec: {clusterIP: 10.0.0.3, selector: {app: c}, ports: [{name: http, port: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: multi, namespace: ns}
spec:
  clusterIP: 10.0.0.4
  selector: {app: multi}
  ports: [{name: http-a, port: 80}, {name: http-b, port: 9080}]
---
apiVersion: v1
kind: Service
metadata: {name: hl, namespace: ns}
spec: {clusterIP: None, selector: {app: hl}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: tcp, namespace: ns}
spec: {clusterIP: 10.0.0.5, selector: {app: tcp}, ports: [{name: tcp, port: 90}]}
---
apiVersion: v1
kind: Service
metadata: {name: ext, namespace: ns}
spec: {type: ExternalName, externalName: b.ns.svc.cluster.local}
---
apiVersion: v1
kind: Service
metadata: {name: extp, namespace: ns}
spec:
  type: ExternalName
  externalName: b.ns.svc.cluster.local
  ports: [{name: http, port: 80}]
`;
