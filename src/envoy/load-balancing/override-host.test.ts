import { describe, expect, it } from 'vitest';
import { hostsOf } from '../upstream/host-builder.ts';
import { HealthFlag } from '../upstream/host-health.ts';
import { DEFAULT_OVERRIDE_HOST_STATUSES, selectOverrideHost } from './override-host.ts';

describe('the host that a request asks for', () => {
  const hosts = hostsOf([
    'a',
    { address: 'b', healthFlags: HealthFlag.failedOutlierCheck },
    { address: 'c', healthStatus: 'DRAINING' },
    { address: 'd', healthFlags: HealthFlag.degradedActiveHc },
  ]);
  const index = new Map(hosts.map((host) => [host.address, host]));
  const choose = (address: string, allowed = DEFAULT_OVERRIDE_HOST_STATUSES) =>
    selectOverrideHost(index, allowed, { address, isStrict: false })?.address;

  it('is taken when it is there and its health allows it', () => {
    expect(['a', 'b', 'c', 'd', 'e'].map((address) => choose(address))).toEqual([
      'a',
      undefined,
      undefined,
      'd',
      undefined,
    ]);
  });

  it('may be draining when the cluster says so', () => {
    expect(choose('c', new Set(['DRAINING'] as const))).toBe('c');
  });
});
