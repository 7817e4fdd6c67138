import { describe, expect, it } from 'vitest';
import type { LbSubsetConfig } from '#xds/cluster.ts';
import type { Json } from '#xds/core.ts';
import { hostsOf } from '../upstream/host-builder.ts';
import { HealthFlag } from '../upstream/host-health.ts';
import { balancerOf, contextOf } from './balancer-builder.ts';
import { metadataMatchCriteria } from './metadata-match-criteria.ts';

const EJECTED = { healthFlags: HealthFlag.failedOutlierCheck };

function labelled(address: string, labels: Readonly<Record<string, Json>>, rest: object = {}) {
  return { address, metadata: new Map([['envoy.lb', labels]]), ...rest };
}

const asking = (labels: Readonly<Record<string, Json>>) =>
  contextOf({
    metadataMatchCriteria: metadataMatchCriteria({ filterMetadata: { 'envoy.lb': labels } }),
  });

function subsetsOf(lbSubsetConfig: LbSubsetConfig, specs: Parameters<typeof hostsOf>[0]) {
  return balancerOf({ lbSubsetConfig }, [{ hosts: hostsOf(specs) }]);
}

const BY_VERSION: LbSubsetConfig = { subsetSelectors: [{ keys: ['version'] }] };
const TWO_VERSIONS = [
  labelled('a', { version: '1' }),
  labelled('b', { version: '1' }),
  labelled('c', { version: '2' }),
];

describe('subsets', () => {
  it('are balanced among their own hosts', () => {
    const { picks, stats } = subsetsOf(BY_VERSION, TWO_VERSIONS);
    expect(picks(3, asking({ version: '1' }))).toEqual(['a', 'b', 'a']);
    expect(picks(2, asking({ version: '2' }))).toEqual(['c', 'c']);
    expect([stats.lbSubsetsSelected, stats.lbSubsetsActive]).toEqual([5, 2]);
  });

  it('must have exactly the keys that are asked for', () => {
    const { picks } = subsetsOf(BY_VERSION, TWO_VERSIONS);
    expect(picks(1, asking({ version: '1', zone: 'x' }))).toEqual([undefined]);
    const redundant = subsetsOf({ ...BY_VERSION, allowRedundantKeys: true }, TWO_VERSIONS);
    expect(redundant.picks(1, asking({ version: '1', zone: 'x' }))).toEqual(['a']);
  });

  it('tell apart values of different types', () => {
    const { picks } = subsetsOf(BY_VERSION, [labelled('a', { version: 1 })]);
    expect(picks(1, asking({ version: '1' }))).toEqual([undefined]);
    expect(picks(1, asking({ version: 1 }))).toEqual(['a']);
  });

  it('panic by their own hosts', () => {
    const specs = [
      labelled('a', { version: '1' }, EJECTED),
      labelled('b', { version: '1' }, EJECTED),
      labelled('c', { version: '2' }),
      labelled('d', { version: '2' }),
      labelled('e', { version: '2' }),
    ];
    const { picks, stats } = subsetsOf(BY_VERSION, specs);
    expect(picks(2, asking({ version: '1' }))).toEqual(['a', 'b']);
    expect(stats.lbHealthyPanic).toBe(2);
  });

  it('with hosts but none to be had answer nobody, whatever the fallback', () => {
    const lbSubsetConfig: LbSubsetConfig = { ...BY_VERSION, fallbackPolicy: 'ANY_ENDPOINT' };
    const commonLbConfig = { healthyPanicThreshold: {} };
    const hosts = hostsOf([labelled('a', { version: '1' }, EJECTED), labelled('b', {})]);
    const { picks } = balancerOf({ lbSubsetConfig, commonLbConfig }, [{ hosts }]);
    expect(picks(1, asking({ version: '1' }))).toEqual([undefined]);
    expect(picks(1, asking({ version: '2' }))).toEqual(['b']);
  });

  it('fall back by the selector, then by the cluster', () => {
    const config: LbSubsetConfig = {
      fallbackPolicy: 'DEFAULT_SUBSET',
      defaultSubset: { version: '2' },
      subsetSelectors: [
        { keys: ['version'] },
        {
          keys: ['stage', 'version'],
          fallbackPolicy: 'KEYS_SUBSET',
          fallbackKeysSubset: ['version'],
        },
      ],
    };
    const { picks, stats } = subsetsOf(config, TWO_VERSIONS);
    expect(picks(2, asking({ version: '1', stage: 'canary' }))).toEqual(['a', 'b']);
    expect(picks(1, asking({ version: '9' }))).toEqual(['c']);
    expect(picks(1)).toEqual(['c']);
    expect(stats.lbSubsetsFallback).toBe(2);
  });

  it('of which the last host left are the same as none', () => {
    const { picks, update, stats } = subsetsOf(BY_VERSION, TWO_VERSIONS);
    update({ hosts: hostsOf(TWO_VERSIONS.slice(0, 2)) });
    expect(picks(1, asking({ version: '2' }))).toEqual([undefined]);
    expect([stats.lbSubsetsActive, stats.lbSubsetsRemoved]).toEqual([1, 1]);
    update({ hosts: hostsOf(TWO_VERSIONS) });
    expect(picks(1, asking({ version: '2' }))).toEqual(['c']);
  });

  it('take a list of values as any of them when told to', () => {
    const config = { ...BY_VERSION, listAsAny: true };
    const { picks } = subsetsOf(config, [
      labelled('a', { version: ['1', '2'] }),
      labelled('b', { version: '2' }),
    ]);
    expect(picks(1, asking({ version: '1' }))).toEqual(['a']);
    expect(picks(2, asking({ version: '2' }))).toEqual(['a', 'b']);
  });

  it('follow a host into another priority', () => {
    const bench = subsetsOf(BY_VERSION, [
      labelled('a', { version: '1' }),
      labelled('b', { version: '2' }),
    ]);
    const [a, b] = hostsOf([labelled('a', { version: '1' }), labelled('b', { version: '2' })]);
    bench.update({ hosts: [a!] });
    bench.update({ hosts: [b!], priority: 1 });
    expect(bench.picks(1, asking({ version: '2' }))).toEqual(['b']);
    expect(bench.picks(1, asking({ version: '1' }))).toEqual(['a']);
  });
});
