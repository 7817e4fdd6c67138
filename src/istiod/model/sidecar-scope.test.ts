import { describe, expect, it } from 'vitest';
import { modelOf, proxyNamed, REFERENCE_SERVICES } from '../test-mesh.ts';

function scopeOf(extra: string, proxy = proxyNamed(), istioMinor?: number) {
  const options = istioMinor === undefined ? {} : { istioMinor };
  return modelOf(`${REFERENCE_SERVICES}---\n${extra}`, options).scopeFor(proxy);
}

function sidecar(spec: string, metadata = 'name: s, namespace: ns'): string {
  return `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {${metadata}}
spec: ${spec}
---
`;
}

function virtualService(name: string, spec: string, extra = ''): string {
  return `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: ns${extra}}
spec: ${spec}
---
`;
}

const hosts = (names: readonly { readonly hostname: string }[]): string[] =>
  names.map(({ hostname }) => hostname.replace('.svc.cluster.local', ''));

describe('the services of a scope', () => {
  it('are those whose namespace and host an egress host names', () => {
    const scope = scopeOf(
      sidecar("{egress: [{hosts: ['./b.ns.svc.cluster.local', '*/tcp.ns.svc.cluster.local']}]}"),
    );
    expect(hosts(scope.services)).toEqual(['b.ns', 'tcp.ns']);
  });

  it('leave out what is excluded', () => {
    const scope = scopeOf(sidecar("{egress: [{hosts: ['ns/*', '~ns/hl.ns.svc.cluster.local']}]}"));
    expect(hosts(scope.services)).not.toContain('hl.ns');
    expect(hosts(scope.services)).toContain('b.ns');
  });

  it('are trimmed to the port of the listener that imports them', () => {
    const scope = scopeOf(
      sidecar("{egress: [{port: {number: 9080, name: http, protocol: HTTP}, hosts: ['ns/*']}]}"),
    );
    expect(hosts(scope.services)).toEqual(['multi.ns', 'r.ns']);
    expect(scope.service('multi.ns.svc.cluster.local')!.ports.map(({ port }) => port)).toEqual([
      9080,
    ]);
  });

  it('are put together again when several listeners import parts of them', () => {
    const scope = scopeOf(
      sidecar(`{egress: [
        {port: {number: 9080, name: http, protocol: HTTP}, hosts: ['ns/*']},
        {port: {number: 80, name: http2, protocol: HTTP}, hosts: ['ns/*']}]}`),
    );
    const ports = scope.service('multi.ns.svc.cluster.local')!.ports.map(({ port }) => port);
    expect(ports).toEqual([9080, 80]);
  });

  it('include the destinations of imported VirtualServices, with their ports alone', () => {
    const scope = scopeOf(
      sidecar("{egress: [{hosts: ['ns/b.ns.svc.cluster.local']}]}") +
        virtualService(
          'b',
          '{hosts: [b], http: [{route: [{destination: {host: multi, port: {number: 9080}}}]}]}',
        ),
    );
    expect(hosts(scope.services)).toEqual(['b.ns', 'multi.ns']);
    expect(scope.service('multi.ns.svc.cluster.local')!.ports).toHaveLength(1);
  });

  it('are none that nobody may see', () => {
    const hidden = `
apiVersion: v1
kind: Service
metadata: {name: hidden, namespace: ns, annotations: {networking.istio.io/exportTo: '.'}}
spec: {clusterIP: 10.0.1.1, ports: [{name: http, port: 80}]}
`;
    expect(hosts(scopeOf(hidden).services)).toContain('hidden.ns');
    const other = scopeOf(hidden, proxyNamed({ namespace: 'other' }));
    expect(hosts(other.services)).not.toContain('hidden.ns');
  });
});

describe('of one host in two namespaces', () => {
  const entry = (namespace: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: se, namespace: ${namespace}}
spec: {hosts: [b.ns.svc.cluster.local], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC}
---
`;
  const chosen = (istioMinor?: number) =>
    scopeOf(entry('aaa'), proxyNamed({ namespace: 'zzz' }), istioMinor).service(
      'b.ns.svc.cluster.local',
    )!.namespace;

  it('Kubernetes gives it', () => {
    expect(chosen()).toBe('ns');
  });

  it("the proxy's own namespace comes before all", () => {
    const scope = scopeOf(entry('aaa'), proxyNamed({ namespace: 'aaa' }));
    expect(
      scope.egressListeners[0]!.services.find(
        ({ hostname }) => hostname === 'b.ns.svc.cluster.local',
      )!.namespace,
    ).toBe('aaa');
  });
});

describe('which Sidecar selects a proxy', () => {
  const all =
    sidecar("{egress: [{hosts: ['ns/b.ns.svc.cluster.local']}]}", 'name: wide, namespace: ns') +
    sidecar(
      "{workloadSelector: {labels: {app: x}}, egress: [{hosts: ['ns/c.ns.svc.cluster.local']}]}",
      'name: narrow, namespace: ns',
    ) +
    sidecar(
      "{egress: [{hosts: ['ns/r.ns.svc.cluster.local']}]}",
      'name: root, namespace: istio-system',
    );

  it('is one whose selector matches, else the namespace, else the root namespace', () => {
    expect(scopeOf(all, proxyNamed({ labels: { app: 'x' } })).sidecar!.metadata.name).toBe(
      'narrow',
    );
    expect(scopeOf(all, proxyNamed()).sidecar!.metadata.name).toBe('wide');
    expect(scopeOf(all, proxyNamed({ namespace: 'other' })).sidecar!.metadata.name).toBe('root');
  });

  it('is none for a gateway', () => {
    expect(scopeOf(all, proxyNamed({ kind: 'gateway' })).sidecar).toBeUndefined();
  });
});

describe('the VirtualService of a service', () => {
  const wild = virtualService(
    'a-wild',
    "{hosts: ['*.ns.svc.cluster.local'], http: [{route: [{destination: {host: c}}]}]}",
  );
  const wilder = virtualService(
    'a-wilder',
    "{hosts: ['*.local'], http: [{route: [{destination: {host: c}}]}]}",
  );
  const exact = virtualService(
    'z-exact',
    '{hosts: [b], http: [{route: [{destination: {host: c}}]}]}',
  );
  const chosen = (manifests: string, istioMinor?: number) =>
    scopeOf(manifests, proxyNamed(), istioMinor).egressListeners[0]!.mostSpecificVirtualService.get(
      'b.ns.svc.cluster.local',
    );

  it('is that of the most specific host, whatever its age', () => {
    expect(chosen(wilder + wild + exact)).toBe('ns/z-exact');
    expect(chosen(wilder + wild)).toBe('ns/a-wild');
  });

  it('was the oldest of the wildcards before 1.21', () => {
    expect(
      chosen(
        virtualService(
          'a-old',
          "{hosts: ['*.local'], http: [{route: [{destination: {host: c}}]}]}",
        ) + wild,
        20,
      ),
    ).toBe('ns/a-old');
  });
});
