import { describe, expect, it } from 'vitest';
import { modelOf, REFERENCE_SERVICES } from '../test-mesh.ts';

const NAMESPACE = `
apiVersion: v1
kind: Namespace
metadata: {name: ns, labels: {env: prod}}
---
`;

describe('discovery selectors', () => {
  const count = (discoverySelectors: readonly object[]): number =>
    modelOf(NAMESPACE + REFERENCE_SERVICES, { meshConfig: { discoverySelectors } }).registry
      .services.length;

  it('hide the objects of namespaces that none of them selects', () => {
    expect(count([])).toBe(8);
    expect(count([{ matchLabels: { env: 'prod' } }])).toBe(8);
    expect(count([{ matchLabels: { env: 'test' } }])).toBe(0);
    expect(count([{ matchLabels: { env: 'test' } }, { matchLabels: { env: 'prod' } }])).toBe(8);
  });

  it.each([
    ['In', ['prod'], 8],
    ['In', ['test'], 0],
    ['NotIn', ['test'], 8],
    ['Exists', [], 8],
    ['DoesNotExist', [], 0],
  ])('may ask with %s %j', (operator, values, expected) => {
    expect(count([{ matchExpressions: [{ key: 'env', operator, values }] }])).toBe(expected);
  });

  it('know every namespace by its name', () => {
    expect(count([{ matchLabels: { 'kubernetes.io/metadata.name': 'ns' } }])).toBe(8);
  });
});
