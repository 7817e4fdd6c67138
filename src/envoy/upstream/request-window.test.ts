import { describe, expect, it } from 'vitest';
import { RequestWindow } from './request-window.ts';
import { ResourceManager } from './resource-manager.ts';

describe('the requests of the last interval', () => {
  it('are those that started in it', () => {
    const clock = { nowNs: 0 };
    const window = new RequestWindow(1e9, clock);
    for (let index = 0; index < 3000; index++) window.add(index * 1e6);
    clock.nowNs = 3e9;
    expect(window.count).toBe(999);
    clock.nowNs = 3.5e9;
    expect(window.count).toBe(499);
    window.add(3.5e9);
    clock.nowNs = 9e9;
    expect(window.count).toBe(0);
  });

  it('are what a retry budget with an interval is a share of, in place of the active ones', () => {
    const clock = { nowNs: 0 };
    const retryBudget = {
      budgetPercent: { value: 10 },
      minRetryConcurrency: 1,
      budgetInterval: '2s',
    };
    const resources = new ResourceManager({ retryBudget }, clock);
    resources.requests.current = 500;
    expect(resources.maxRetries).toBe(1);
    for (let index = 0; index < 40; index++) resources.starts?.add(0);
    expect(resources.maxRetries).toBe(4);
    clock.nowNs = 2e9;
    expect(resources.maxRetries).toBe(1);
  });

  it('nobody counts without an interval', () => {
    const retryBudget = { budgetPercent: { value: 10 }, minRetryConcurrency: 1 };
    const resources = new ResourceManager({ retryBudget }, { nowNs: 0 });
    resources.requests.current = 50;
    expect(resources.starts).toBeUndefined();
    expect(resources.maxRetries).toBe(5);
  });
});
