import { describe, expect, it } from 'vitest';
import { fieldAt, rootField, textOf } from './field.ts';

const VIRTUAL_SERVICE = rootField(['apiVersion: networking.istio.io/v1', 'kind: VirtualService']);
const SCENARIO = rootField(['title: A', 'clients:']);

describe('the fields of a document', () => {
  it('are those of its kind', () => {
    const route = fieldAt(VIRTUAL_SERVICE, ['spec', 'http', 'route']);
    expect(Object.keys(route?.of ?? {})).toContain('destination');
    expect(fieldAt(VIRTUAL_SERVICE, ['spec', 'subsets'])).toBeUndefined();
  });

  it('have the values that are possible', () => {
    const rule = rootField(['kind: DestinationRule']);
    const simple = fieldAt(rule, ['spec', 'trafficPolicy', 'loadBalancer', 'simple']);
    expect(simple?.values).toContain('LEAST_REQUEST');
  });

  it('say what the API says and what follows from it', () => {
    const timeout = fieldAt(VIRTUAL_SERVICE, ['spec', 'http', 'timeout']);
    expect(textOf('timeout', timeout)).toMatch(/Timeout for HTTP requests[\s\S]*504 UT/);
  });

  it('of a scenario are those of its schema, through names, lists and references', () => {
    expect(Object.keys(SCENARIO.of ?? {})).toContain('timeline');
    expect(Object.keys(fieldAt(SCENARIO, ['clients', 'anybody', 'load'])?.of ?? {})).toContain(
      'rate',
    );
    expect(fieldAt(SCENARIO, ['workloads', 'catalog-v1', 'latency'])?.says).toContain(
      'Default 10 ms',
    );
    expect(fieldAt(SCENARIO, ['clients', 'a', 'load', 'arrivals'])?.values).toContain('poisson');
  });

  it('of a Gateway are those of its group', () => {
    const gatewayOf = (group: string) =>
      rootField([`apiVersion: ${group}/v1`, 'kind: Gateway']).of?.['spec']?.of ?? {};
    expect(Object.keys(gatewayOf('networking.istio.io'))).toContain('servers');
    expect(Object.keys(gatewayOf('gateway.networking.k8s.io'))).toContain('listeners');
  });

  it('of the Gateway API say what its CRDs say', () => {
    const route = rootField(['kind: HTTPRoute']);
    const request = fieldAt(route, ['spec', 'rules', 'timeouts', 'request']);
    expect(request?.says).toMatch(/maximum duration for a gateway to respond/);
    expect(Object.keys(fieldAt(route, ['spec', 'rules', 'backendRefs'])?.of ?? {})).toContain(
      'weight',
    );
  });

  it('are none below names that no object has', () => {
    expect(fieldAt(VIRTUAL_SERVICE, ['spec', 'constructor'])).toBeUndefined();
  });
});
