import { describe, expect, it } from 'vitest';
import {
  coarseHealth,
  HealthFlag,
  healthStatus,
  isExcluded,
  withEdsHealth,
} from './host-health.ts';

describe('the health of a host', () => {
  it('is bad when anybody says so, degraded when anybody says so and nobody worse', () => {
    const { failedActiveHc, failedOutlierCheck, degradedEdsHealth, degradedActiveHc } = HealthFlag;
    expect(coarseHealth(0)).toBe('healthy');
    expect(coarseHealth(degradedEdsHealth)).toBe('degraded');
    expect(coarseHealth(degradedActiveHc | failedOutlierCheck)).toBe('unhealthy');
    expect(coarseHealth(failedActiveHc)).toBe('unhealthy');
    expect(coarseHealth(HealthFlag.pendingDynamicRemoval)).toBe('healthy');
  });

  it.each([
    ['UNKNOWN', 'healthy', false],
    ['HEALTHY', 'healthy', false],
    ['UNHEALTHY', 'unhealthy', false],
    ['TIMEOUT', 'unhealthy', false],
    ['DRAINING', 'unhealthy', true],
    ['DEGRADED', 'degraded', false],
  ] as const)('%s from configuration is %s', (status, health, excluded) => {
    const flags = withEdsHealth(HealthFlag.degradedEdsHealth, status);
    expect([coarseHealth(flags), isExcluded(flags)]).toEqual([health, excluded]);
  });

  it('in configuration’s terms puts what was found out before what was configured', () => {
    expect(healthStatus(HealthFlag.failedOutlierCheck, 'HEALTHY')).toBe('UNHEALTHY');
    expect(healthStatus(HealthFlag.degradedActiveHc, 'DRAINING')).toBe('DRAINING');
    expect(healthStatus(HealthFlag.degradedActiveHc, 'HEALTHY')).toBe('DEGRADED');
    expect(healthStatus(0, 'UNKNOWN')).toBe('UNKNOWN');
  });
});
