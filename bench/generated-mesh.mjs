// A mesh of SERVICES services with two pods each, a VirtualService of ten routes and a DestinationRule a service,
// as one YAML text: what large clusters look like to the control plane.
export function generatedMesh(services, namespaces = 5, podsPerService = 2) {
  const documents = [];
  for (let index = 0; index < services; index++) {
    const name = `svc-${index}`;
    const namespace = `team-${index % namespaces}`;
    documents.push(service(name, namespace), deployment(name, namespace, podsPerService));
    documents.push(virtualService(name, namespace), destinationRule(name, namespace));
  }
  return documents.join('---\n');
}

const service = (name, namespace) => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 8080 }] }
`;

const deployment = (name, namespace, replicas) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name}, version: v1 } }
    spec: { containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }] }
`;

const virtualService = (name, namespace) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  hosts: [${name}]
  http:
${Array.from({ length: 9 }, (_, route) => `  - match: [{ uri: { prefix: /r${route} } }]\n    route: [{ destination: { host: ${name}, subset: v1 } }]\n`).join('')}  - route: [{ destination: { host: ${name} } }]
`;

const destinationRule = (name, namespace) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  host: ${name}
  trafficPolicy: { connectionPool: { http: { http1MaxPendingRequests: 100 } }, outlierDetection: {} }
  subsets: [{ name: v1, labels: { version: v1 } }]
`;
