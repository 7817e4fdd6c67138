import { describe, expect, it } from 'vitest';
import type { Cluster } from '#xds/cluster.ts';
import { compileLoadBalancing } from './load-balancing-config.ts';

const compile = (cluster: Omit<Cluster, 'name'>) => compileLoadBalancing({ name: 'c', ...cluster });
const typed = (name: string, type: string, fields: object = {}) => ({
  typedExtensionConfig: {
    name: `envoy.load_balancing_policies.${name}`,
    typedConfig: {
      '@type': `type.googleapis.com/envoy.extensions.load_balancing_policies.${name}.v3.${type}`,
      ...fields,
    },
  },
});

describe('the load balancing of a cluster', () => {
  it('is round robin with a panic threshold of 50 % unless it says otherwise', () => {
    expect(compile({})).toMatchObject({
      policy: { kind: 'round-robin', slowStart: { windowMs: 0 } },
      locality: { kind: 'none' },
      panicThresholdPercent: 50,
      subsets: undefined,
    });
  });

  it('takes a panic threshold without value for 0, and rounds others', () => {
    const threshold = (value?: number) =>
      compile({ commonLbConfig: { healthyPanicThreshold: value === undefined ? {} : { value } } })
        .panicThresholdPercent;
    expect([threshold(), threshold(33.4), threshold(66.5)]).toEqual([0, 33, 67]);
  });

  it('reads the fields beside lb_policy', () => {
    const leastRequest = compile({
      lbPolicy: 'LEAST_REQUEST',
      leastRequestLbConfig: { choiceCount: 3, activeRequestBias: { defaultValue: -1 } },
    });
    expect(leastRequest.policy).toMatchObject({ choiceCount: 3, activeRequestBias: 1 });
    const ring = compile({ lbPolicy: 'RING_HASH', ringHashLbConfig: { minimumRingSize: '64' } });
    expect(ring.policy).toMatchObject({
      table: { minimumRingSize: 64, maximumRingSize: 8_388_608 },
    });
    const maglev = compile({ lbPolicy: 'MAGLEV' });
    expect(maglev.policy).toMatchObject({ table: { kind: 'maglev', tableSize: 65_537 } });
  });

  it('prefers load_balancing_policy, and in it the first policy that is known', () => {
    const { policy, locality } = compile({
      lbPolicy: 'RANDOM',
      loadBalancingPolicy: {
        policies: [
          typed('of_tomorrow', 'Unknown'),
          typed('wrr_locality', 'WrrLocality', {
            endpointPickingPolicy: {
              policies: [typed('least_request', 'LeastRequest', { selectionMethod: 'FULL_SCAN' })],
            },
          }),
        ],
      },
    });
    expect(policy).toMatchObject({ kind: 'least-request', selection: 'full-scan' });
    expect(locality).toEqual({ kind: 'weighted' });
  });

  it('is the cluster’s own for original destinations', () => {
    expect(compile({ type: 'ORIGINAL_DST', lbPolicy: 'CLUSTER_PROVIDED' }).policy.kind).toBe(
      'cluster-provided',
    );
  });

  it('is compiled once per configuration object', () => {
    const cluster: Cluster = { name: 'c' };
    expect(compileLoadBalancing(cluster)).toBe(compileLoadBalancing(cluster));
  });
});
