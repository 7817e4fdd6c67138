import { describe, expect, it } from 'vitest';
import { loadText } from '../loader.ts';
import { admissionDiagnostics } from './admission.ts';

const ruleOf = (policy: string) =>
  `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: x}\nspec:\n  host: a.test\n  trafficPolicy: ${policy}\n`;
const codesOf = (text: string) => {
  const { resources, diagnostics } = loadText('m.yaml', text);
  const admitted = resources.flatMap(admissionDiagnostics);
  return [...diagnostics, ...admitted].map(
    ({ code, severity, at }) => `${code} ${severity} ${at?.line}:${at?.column}`,
  );
};

describe('the admission of an object', () => {
  it('says of a field that schema and webhook refuse only what istiod says, at the field', () => {
    expect(codesOf(ruleOf('{connectionPool: {tcp: {connectTimeout: 0.1ms}}}'))).toEqual([
      'IST0106 error 6:58',
    ]);
  });

  it('says what only the schema refuses', () => {
    expect(
      codesOf(ruleOf('{loadBalancer: {simple: RANDOM, consistentHash: {useSourceIp: true}}}')),
    ).toEqual(['MS0130 error 6:33']);
  });

  it('does not repeat what reading has said of types, names and unknown fields', () => {
    expect(codesOf(ruleOf('{tls: {mode: NONE}}'))).toEqual(['MS0122 error 6:31']);
    expect(codesOf(ruleOf('{tls: {mod: SIMPLE}}'))).toEqual(['MS0120 error 6:25']);
    expect(codesOf(ruleOf('{connectionPool: {tcp: {maxConnections: "5"}}}'))).toEqual([
      'MS0121 error 6:58',
    ]);
  });

  it.each([
    ['Service', '{ports: [{port: 80}, {port: 99999999999}]}', '5:35', 'spec.ports[1].port'],
    ['Deployment', '{replicas: -1}', '5:18', 'must be greater than or equal to 0'],
    ['Deployment', '{replicas: 2000000000}', '5:18', 'at most 100000 pods are simulated'],
    [
      'StatefulSet',
      '{template: {spec: {containers: [{ports: [{containerPort: 0}]}]}}}',
      '5:64',
      'must be between 1 and 65535, inclusive',
    ],
  ])('refuses numbers that no %s may have: %s', (kind, spec, place, message) => {
    const text = `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: x\nspec: ${spec}\n`;
    const found = loadText('m.yaml', text).resources.flatMap(admissionDiagnostics);
    expect(found.map(({ at }) => `${at?.line}:${at?.column}`)).toEqual([place]);
    expect(found[0]?.message).toContain(message);
  });

  it('keeps warnings warnings', () => {
    expect(codesOf(ruleOf('{outlierDetection: {consecutiveErrors: 5}}'))).toEqual([
      'IST0133 warning 6:57',
    ]);
  });
});
