import { describe, expect, it } from 'vitest';
import type { FilterChain, FilterChainMatch } from '#xds/listener.ts';
import { type ConnectionTraits, FilterChainMatcher } from './filter-chain-match.ts';

const connection: ConnectionTraits = {
  destinationAddress: '10.0.0.1',
  destinationPort: 80,
  serverName: '',
  transportProtocol: 'raw_buffer',
  applicationProtocols: [],
  sourceAddress: '10.9.9.9',
  sourcePort: 40000,
};

function chosen(
  chains: Record<string, FilterChainMatch>,
  traits: Partial<ConnectionTraits>,
  fallback?: FilterChain,
): string | undefined {
  const named = Object.entries(chains).map(([name, filterChainMatch]) => ({
    name,
    filterChainMatch,
  }));
  return new FilterChainMatcher(named, fallback).find({ ...connection, ...traits })?.name;
}

describe('filter chain match', () => {
  it('takes the chain of the destination port and none of another port', () => {
    const chains = { eighty: { destinationPort: 80 }, any: {} };
    expect(chosen(chains, { destinationPort: 80 })).toBe('eighty');
    expect(chosen(chains, { destinationPort: 81 })).toBe('any');
  });

  it('prefers the longest destination range', () => {
    const chains = {
      wide: { prefixRanges: [{ addressPrefix: '10.0.0.0', prefixLen: 8 }] },
      narrow: { prefixRanges: [{ addressPrefix: '10.0.0.0', prefixLen: 24 }] },
      any: {},
    };
    expect(chosen(chains, { destinationAddress: '10.0.0.7' })).toBe('narrow');
    expect(chosen(chains, { destinationAddress: '10.7.0.7' })).toBe('wide');
    expect(chosen(chains, { destinationAddress: '11.0.0.7' })).toBe('any');
  });

  it('prefers an exact SNI, then the longest wildcard, then no SNI', () => {
    const chains = {
      exact: { serverNames: ['a.b.test'] },
      narrow: { serverNames: ['*.b.test'] },
      wide: { serverNames: ['*.test'] },
      any: {},
    };
    expect(chosen(chains, { serverName: 'a.b.test' })).toBe('exact');
    expect(chosen(chains, { serverName: 'x.y.b.test' })).toBe('narrow');
    expect(chosen(chains, { serverName: 'b.test' })).toBe('wide');
    expect(chosen(chains, { serverName: 'other' })).toBe('any');
    expect(chosen(chains, { serverName: '' })).toBe('any');
  });

  it('never goes back to a less specific chain once a more specific criterion fitted', () => {
    const chains = {
      sni: { serverNames: ['a.test'], applicationProtocols: ['istio'] },
      any: {},
    };
    expect(chosen(chains, { serverName: 'a.test', applicationProtocols: ['h2'] })).toBeUndefined();
    expect(chosen(chains, { serverName: 'a.test' }, { name: 'default' })).toBe('default');
  });

  it('tries application protocols in the order of the client', () => {
    const chains = {
      one: { applicationProtocols: ['http/1.1'] },
      two: { applicationProtocols: ['h2'] },
    };
    expect(chosen(chains, { applicationProtocols: ['h2', 'http/1.1'] })).toBe('two');
    expect(chosen(chains, { applicationProtocols: ['http/1.1', 'h2'] })).toBe('one');
  });

  it('separates TLS from plaintext by the detected transport protocol', () => {
    const chains = {
      mutual: { transportProtocol: 'tls', applicationProtocols: ['istio'] },
      opaque: { transportProtocol: 'tls' },
      plain: { transportProtocol: 'raw_buffer' },
    };
    const tls = { transportProtocol: 'tls' };
    expect(chosen(chains, { ...tls, applicationProtocols: ['istio'] })).toBe('mutual');
    expect(chosen(chains, tls)).toBe('opaque');
    expect(chosen(chains, {})).toBe('plain');
  });
});
