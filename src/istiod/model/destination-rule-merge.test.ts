import { describe, expect, it } from 'vitest';
import { modelOf, proxyNamed, REFERENCE_SERVICES } from '../test-mesh.ts';

/** DestinationRules of service b, in the order of their age. */
function rules(...specs: readonly string[]): string {
  return specs
    .map(
      (spec, index) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: r${index}, namespace: ns, creationTimestamp: "202${index}-01-01T00:00:00Z"}
spec: {host: b, ${spec}}
---
`,
    )
    .join('');
}

function ruleFor(manifests: string, labels: Record<string, string> = {}, namespace = 'ns') {
  const model = modelOf(`${REFERENCE_SERVICES}---\n${manifests}`);
  const proxy = proxyNamed({ labels, namespace });
  return model.scopeFor(proxy).destinationRule('outbound', proxy, 'b.ns.svc.cluster.local');
}

const subsetNames = (found: ReturnType<typeof ruleFor>): string[] =>
  found!.subsets.map(({ subset }) => subset.name);

describe('two rules for one host in one namespace', () => {
  it('unite their subsets, the older winning a name', () => {
    const found = ruleFor(
      rules(
        'subsets: [{name: v1, labels: {from: older}}]',
        'subsets: [{name: v1, labels: {from: newer}}, {name: v2}]',
      ),
    );
    expect(subsetNames(found)).toEqual(['v1', 'v2']);
    expect(found!.subsets[0]!.labels.get('from')).toBe('older');
    expect(found!.from).toHaveLength(2);
  });

  it('have the traffic policy of the first that has one', () => {
    const found = ruleFor(
      rules(
        'subsets: [{name: v1}]',
        'trafficPolicy: {loadBalancer: {simple: RANDOM}}',
        'trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}',
      ),
    );
    expect(found!.policy!.policy.loadBalancer!.simple).toBe('RANDOM');
    expect(found!.policy!.rule.metadata.name).toBe('r1');
    expect(found!.rule.metadata.name).toBe('r0');
  });
});

describe('a rule with a workload selector', () => {
  const selecting = 'workloadSelector: {matchLabels: {app: x}}';

  it('applies to the workloads that it names; the others get the one without', () => {
    const manifests = rules(`subsets: [{name: all}]`, `${selecting}, subsets: [{name: some}]`);
    expect(subsetNames(ruleFor(manifests, { app: 'x' }))).toEqual(['some']);
    expect(subsetNames(ruleFor(manifests))).toEqual(['all']);
  });

  it('hides the rules of other namespaces from the workloads that it does not name', () => {
    const manifests = rules(`${selecting}, subsets: [{name: some}]`).replaceAll(
      'namespace: ns',
      'namespace: client',
    );
    const service = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: own, namespace: ns}
spec: {host: b, subsets: [{name: own}]}
---
`;
    const fullHost = manifests.replace('host: b', 'host: b.ns.svc.cluster.local');
    expect(ruleFor(fullHost + service, {}, 'client')).toBeUndefined();
    expect(subsetNames(ruleFor(fullHost + service, { app: 'x' }, 'client'))).toEqual(['some']);
  });

  it('swallows a rule that is exported to its own namespace alone', () => {
    const manifests = rules(selecting, "exportTo: ['.'], subsets: [{name: all}]");
    expect(ruleFor(manifests)).toBeUndefined();
    expect(subsetNames(ruleFor(manifests, { app: 'x' }))).toEqual(['all']);
  });

  it('shares in a rule that is exported further, which also stands by itself', () => {
    const manifests = rules(selecting, "exportTo: ['.', other], subsets: [{name: all}]");
    expect(subsetNames(ruleFor(manifests))).toEqual(['all']);
    expect(subsetNames(ruleFor(manifests, { app: 'x' }))).toEqual(['all']);
  });

  it('is not looked at on the way in', () => {
    const model = modelOf(`${REFERENCE_SERVICES}---\n${rules(selecting)}`);
    const proxy = proxyNamed({ labels: { app: 'x' } });
    const scope = model.scopeFor(proxy);
    expect(scope.destinationRule('inbound', proxy, 'b.ns.svc.cluster.local')).toBeUndefined();
  });
});

describe('a rule that is not exported to the client', () => {
  it('hides a wider one of its namespace, and the root namespace is asked next', () => {
    const manifests = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: exact, namespace: ns}
spec: {host: b, exportTo: [elsewhere]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: wide, namespace: ns}
spec: {host: '*.local', subsets: [{name: wide}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: root, namespace: istio-system}
spec: {host: '*.local', subsets: [{name: root}]}
`;
    expect(subsetNames(ruleFor(manifests, {}, 'client'))).toEqual(['root']);
  });
});
