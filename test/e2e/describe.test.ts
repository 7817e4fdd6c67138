import { describe, expect, it } from 'vitest';
import { folderOf, meshsim } from './cli-process.ts';

const MESH = `apiVersion: apps/v1
kind: Deployment
metadata: {name: b-v1, namespace: shop}
spec:
  selector: {matchLabels: {app: b, version: v1}}
  template:
    metadata: {labels: {app: b, version: v1}}
    spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: shop}
spec:
  selector: {app: b}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: b, namespace: shop}
spec:
  host: b
  trafficPolicy:
    tls: {mode: ISTIO_MUTUAL}
    loadBalancer: {simple: ROUND_ROBIN}
    outlierDetection: {consecutive5xxErrors: 3}
  subsets:
  - {name: v1, labels: {version: v1}}
  - {name: v2, labels: {version: v2}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: b, namespace: shop}
spec:
  hosts: [b]
  http:
  - match: [{uri: {prefix: /new}, headers: {who: {exact: me}}}]
    route: [{destination: {host: b, subset: v2}}]
  - route:
    - {destination: {host: b, subset: v1}, weight: 90}
    - {destination: {host: b, subset: v2}, weight: 10}
`;

const folder = folderOf({ 'mesh.yaml': MESH });

describe('meshsim describe', () => {
  it('says of a pod what istioctl x describe says', () => {
    const { stdout } = meshsim(['describe', 'pod', 'b-v1', '-n', 'shop', '-f', 'mesh.yaml'], {
      cwd: folder,
    });
    expect(stdout).toBe(`Pod: b-v1-1
   Pod Revision: default
   Pod Ports: 8080 (app), 15090 (istio-proxy)
--------------------
Service: b
   Port: http 80/HTTP targets pod port 8080
DestinationRule: b for "b"
   Matching subsets: v1
      (Non-matching subsets v2)
   Traffic Policy TLS Mode: ISTIO_MUTUAL
   Policies: load balancer/outlier detection
VirtualService: b
   Route to host "b" subset "v1" with weight 90%
   1 additional destination(s) that will not reach this pod
--------------------
Effective PeerAuthentication:
   Workload mTLS mode: PERMISSIVE
`);
  });

  it('writes names of other namespaces with them', () => {
    const { stdout } = meshsim(['describe', 'service', 'b.shop', '-f', 'mesh.yaml'], {
      cwd: folder,
    });
    expect(stdout.split('\n')[0]).toBe('Service: b.shop');
    expect(stdout).toContain('DestinationRule: b.shop for "b"');
  });

  it('says what there is when it knows nothing of that name', () => {
    const { code, stderr } = meshsim(['describe', 'service', 'bb.shop', '-f', 'mesh.yaml'], {
      cwd: folder,
    });
    expect(code).toBe(2);
    expect(stderr).toContain('b.shop');
  });
});
