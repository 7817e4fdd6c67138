// What istiod's rules cost a cluster and a virtual host of a generated mesh, for one sidecar that sees all of it,
// in a process of its own; prints JSON: CPU in microseconds, the last of ROUNDS rounds (the others warm up).
// Every round reads its objects anew, so that nothing is known from the round before.
// Usage: node bench/translation-run.mjs SERVICES [PODS_PER_SERVICE] [NAMESPACES]
import { loadText } from '../dist/modules/config/loader.js';
import { ResourceStore } from '../dist/modules/config/resource-store.js';
import { ClusterGenerator } from '../dist/modules/istiod/clusters/clusters.js';
import { LoadAssignments } from '../dist/modules/istiod/endpoints/load-assignments.js';
import { ListenerAndRouteGenerator } from '../dist/modules/istiod/listeners-and-routes.js';
import { MeshModel } from '../dist/modules/istiod/model/mesh-model.js';
import { OriginBook } from '../dist/modules/istiod/origin-book.js';
import { clusterView } from '../dist/modules/mesh/cluster/cluster-view.js';
import { generatedMesh } from './generated-mesh.mjs';

const ROUNDS = 8;
const [services, pods = 10, namespaces = 20] = process.argv.slice(2).map(Number);
const text = generatedMesh(services, namespaces, pods);
const options = {
  injection: 'all',
  withoutSidecar: new Set(),
  replicas: new Map(),
  gone: new Set(),
};
const proxy = {
  kind: 'sidecar',
  name: 'svc-0-1',
  namespace: 'team-0',
  ips: ['10.244.0.1'],
  labels: new Map([['app', 'svc-0']]),
  locality: '',
  node: '',
  network: '',
  interceptionMode: 'REDIRECT',
  metadata: {},
};

let last;
for (let round = 0; round < ROUNDS; round++) last = translated();
process.stdout.write(`${JSON.stringify({ services, pods: services * pods, ...last })}\n`);

function translated() {
  const { resources } = loadText('mesh.yaml', text);
  const model = new MeshModel(clusterView(ResourceStore.EMPTY.with(resources), options).store);
  const { notes } = new OriginBook();
  const generator = new ClusterGenerator(model.meshConfig, new LoadAssignments(notes), notes);
  const scope = model.scopeFor(proxy);
  // The registry's work, not the translation's.
  for (const service of scope.services) model.endpointIndex.endpointsByPort(service);
  const startUs = cpuUs();
  const clusters = scope.services.flatMap((service) => {
    const rule = scope.destinationRule('outbound', proxy, service.hostname);
    return generator.ofService(model, proxy, { service, rule, mode: 'default' });
  });
  const clustersUs = cpuUs() - startUs;
  const beforeUs = cpuUs();
  const { routes } = new ListenerAndRouteGenerator(notes).outgoing(model, proxy);
  const routesUs = cpuUs() - beforeUs;
  const virtualHosts = routes.flatMap((configuration) => configuration.virtualHosts ?? []).length;
  return {
    clusters: clusters.length,
    usPerCluster: clustersUs / clusters.length,
    virtualHosts,
    usPerVirtualHost: routesUs / virtualHosts,
  };
}

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}
