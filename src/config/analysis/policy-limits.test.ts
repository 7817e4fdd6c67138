import { describe, expect, it } from 'vitest';
import { loadText } from '../loader.ts';
import { storeOf } from '../resource-store.ts';
import { analyzeAll } from './analyze.ts';

function found(policy: string, where = 'trafficPolicy') {
  const spec =
    where === 'trafficPolicy'
      ? `{host: web, trafficPolicy: ${policy}}`
      : `{host: web, subsets: [{name: v1, labels: {v: v1}, trafficPolicy: ${policy}}]}`;
  const text = `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: x, namespace: shop}\nspec: ${spec}\n`;
  return analyzeAll(storeOf(loadText('m.yaml', text).resources, []), { mode: 'cluster' })
    .filter(({ code }) => code === 'MS0019')
    .map(({ message, at }) => [
      message,
      text
        .split('\n')
        [at.line - 1]!.slice(at.column - 1)
        .split(/[,}]/)[0],
    ]);
}

describe('a limit that can never be reached', () => {
  it.each([
    [
      '{connectionPool: {tcp: {maxConnections: 10}, http: {http2MaxRequests: 50, h2UpgradePolicy: DO_NOT_UPGRADE}}}',
      'The limit http2MaxRequests (50) can never be reached: without HTTP/2 a connection has one request, and maxConnections is 10.',
      '50',
    ],
    [
      '{connectionPool: {http: {http2MaxRequests: 5, maxRetries: 5}}}',
      'The limit maxRetries (5) can never be reached: every retry is a request, and http2MaxRequests is 5.',
      '5',
    ],
    [
      '{outlierDetection: {consecutiveGatewayErrors: 5, maxEjectionPercent: 100}}',
      'The limit consecutiveGatewayErrors (5) can never be reached: gateway errors are 5xx, too, and consecutive5xxErrors is 5.',
      '5',
    ],
    [
      '{outlierDetection: {minHealthPercent: 50}}',
      'The limit minHealthPercent (50) can never be reached: at most 10 % of the hosts are ejected (maxEjectionPercent).',
      '50',
    ],
  ])('%s: %s', (policy, message, underlined) => {
    expect(found(policy)).toEqual([[message, underlined]]);
    expect(found(policy, 'subset')).toEqual([[message, underlined]]);
    expect(
      found(
        `{loadBalancer: {simple: RANDOM}, portLevelSettings: [{port: {number: 80}, ${policy.slice(1, -1)}}]}`,
      ),
    ).toEqual([[message, underlined]]);
  });

  it.each([
    '{connectionPool: {tcp: {maxConnections: 10}, http: {http2MaxRequests: 50}}}',
    '{connectionPool: {http: {http2MaxRequests: 5, maxRetries: 3}}}',
    '{outlierDetection: {consecutiveGatewayErrors: 5, consecutive5xxErrors: 0}}',
    '{outlierDetection: {minHealthPercent: 50, maxEjectionPercent: 80}}',
  ])('is not in %s', (policy) => {
    expect(found(policy)).toEqual([]);
  });
});
