import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IstioEndpoint } from '../model/endpoint.ts';
import { splitLocality } from '../model/locality.ts';
import { applyDistribution } from './distribute.ts';
import {
  applyFailoverPriorities,
  applyLocalityFailover,
  applyRegionalFailover,
} from './failover.ts';
import { groupByLocality, type LocalityGroup } from './locality-group.ts';

function endpoint(
  locality: string,
  labels: Record<string, string> = {},
  weight = 1,
): IstioEndpoint {
  return {
    address: '10.0.0.1',
    port: 80,
    servicePortName: 'http',
    labels: new Map(Object.entries(labels)),
    locality,
    weight,
    health: 'HEALTHY',
    tlsMode: 'istio',
    serviceAccount: '',
    namespace: 'ns',
    workloadName: 'w',
    nodeName: '',
    network: '',
    clusterId: '',
    hostName: '',
    subDomain: '',
    // No test asks where an endpoint was written.
    source: undefined as never,
  };
}

const groupsOf = (endpoints: readonly IstioEndpoint[]): LocalityGroup[] =>
  groupByLocality(endpoints, () => ({}));

const priorities = (groups: readonly LocalityGroup[]): number[] =>
  groups.map(({ priority }) => priority);

const part = fc.constantFrom('', 'a', 'b', 'c');
const locality = fc.tuple(part, part, part).map((parts) => parts.join('/'));
const label = fc.constantFrom('x', 'y', 'z');
const someEndpoints = fc.array(
  fc.record({
    locality,
    labels: fc.dictionary(label, part),
    weight: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('priorities', () => {
  it('run from 0 without gaps, whatever the localities and labels', () => {
    fc.assert(
      fc.property(someEndpoints, locality, fc.array(label), (given, client, order) => {
        const groups = groupsOf(given.map((it) => endpoint(it.locality, it.labels, it.weight)));
        const parts = splitLocality(client);
        const byLabel = applyFailoverPriorities(groups, new Map([['x', 'a']]), order);
        for (const result of [
          byLabel,
          applyLocalityFailover(byLabel, parts, [{ from: 'a', to: 'b' }]),
          applyRegionalFailover(groups, parts, []),
        ]) {
          const used = [...new Set(priorities(result))].sort((a, b) => a - b);
          expect(used).toEqual(used.map((_, index) => index));
          const kept = result.reduce((sum, { istioEndpoints }) => sum + istioEndpoints.length, 0);
          expect(kept).toBe(given.length);
        }
      }),
    );
  });

  it('by labels cost more the earlier the first label differs', () => {
    const client = new Map([
      ['region', 'r'],
      ['zone', 'z'],
    ]);
    const groups = groupsOf([
      endpoint('1', { region: 'r', zone: 'z' }),
      endpoint('2', { region: 'r', zone: 'other' }),
      endpoint('3', { region: 'other', zone: 'z' }),
    ]);
    expect(priorities(applyFailoverPriorities(groups, client, ['region', 'zone']))).toEqual([
      0, 1, 2,
    ]);
  });

  it('put another network behind everything of the own, and keep its order', () => {
    const client = new Map([
      ['topology.istio.io/network', 'n1'],
      ['zone', 'z'],
    ]);
    const groups = groupsOf([
      endpoint('1', { 'topology.istio.io/network': 'n2', zone: 'z' }),
      endpoint('2', { 'topology.istio.io/network': 'n2', zone: 'other' }),
      endpoint('3', { 'topology.istio.io/network': 'n1', zone: 'other' }),
    ]);
    const order = ['topology.istio.io/network', 'zone'];
    expect(priorities(applyFailoverPriorities(groups, client, order))).toEqual([1, 2, 0]);
  });

  it('compare with a given value instead of the own', () => {
    const groups = groupsOf([endpoint('1', { tier: 'gold' }), endpoint('2', { tier: 'iron' })]);
    const client = new Map([['tier', 'iron']]);
    expect(priorities(applyFailoverPriorities(groups, client, ['tier=gold']))).toEqual([0, 1]);
  });

  it('by labels are then divided by region where a failover is given too', () => {
    const groups = groupsOf([
      endpoint('r1/z', { tier: 'gold' }),
      endpoint('r2/z', { tier: 'gold' }),
      endpoint('r1/y', { tier: 'iron' }),
    ]);
    const byLabel = applyFailoverPriorities(groups, new Map([['tier', 'gold']]), ['tier']);
    const both = applyLocalityFailover(byLabel, splitLocality('r1/z'), [{ from: 'r1', to: 'r2' }]);
    const byLocality = Object.fromEntries(both.map((it) => [it.locality, it.priority]));
    expect(byLocality).toEqual({ 'r1/z': 0, 'r2/z': 1, 'r1/y': 2 });
  });
});

describe('a distribution', () => {
  it('shares a percentage by weight, rounded up', () => {
    const groups = groupsOf([endpoint('a/1', {}, 2), endpoint('a/2', {}, 1), endpoint('b/1')]);
    const [first, second, other] = applyDistribution(groups, splitLocality('a/1'), [
      { from: 'a/*', to: new Map([['a/*', 100]]) },
    ]);
    expect([first!.weight, second!.weight]).toEqual([67, 34]);
    expect(other!.lbEndpoints).toEqual([]);
  });

  it('is the first whose origin the client falls under', () => {
    const groups = groupsOf([endpoint('a/1')]);
    const rules = [
      { from: 'b/*', to: new Map([['a/1', 1]]) },
      { from: '*', to: new Map([['a/1', 2]]) },
      { from: 'a/*', to: new Map([['a/1', 3]]) },
    ];
    expect(applyDistribution(groups, splitLocality('a/1'), rules)[0]!.weight).toBe(2);
  });
});
