import { describe, expect, it } from 'vitest';
import { ipBytes, ipRange, isIpAddress, parseCidr, rangeContains } from './ip-range.ts';

describe('IP ranges', () => {
  it('reads IPv4 and IPv6 and nothing else', () => {
    expect(isIpAddress('10.0.0.1')).toBe(true);
    expect(isIpAddress('::1')).toBe(true);
    expect(isIpAddress('2001:db8::a:b')).toBe(true);
    expect(isIpAddress('::ffff:10.0.0.1')).toBe(true);
    for (const text of ['10.0.0', '10.0.0.256', '10.0.0.01', 'a.b', '1::2::3', '12345::', ''])
      expect(isIpAddress(text), text).toBe(false);
  });

  it('takes a bare address as all of its bits', () => {
    expect(parseCidr('10.0.0.1')).toEqual({ addressPrefix: '10.0.0.1', prefixLen: 32 });
    expect(parseCidr('10.0.0.0/8')).toEqual({ addressPrefix: '10.0.0.0', prefixLen: 8 });
    expect(parseCidr('10.0.0.0/33')).toBeUndefined();
  });

  it('compares only the bits of the prefix, and only within a family', () => {
    const range = ipRange({ addressPrefix: '10.1.0.0', prefixLen: 20 })!;
    expect(rangeContains(range, ipBytes('10.1.15.255')!)).toBe(true);
    expect(rangeContains(range, ipBytes('10.1.16.0')!)).toBe(false);
    expect(rangeContains(ipRange({ addressPrefix: '0.0.0.0' })!, ipBytes('::')!)).toBe(false);
  });
});
