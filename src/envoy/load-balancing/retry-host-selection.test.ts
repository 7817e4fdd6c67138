import { describe, expect, it } from 'vitest';
import { hostSetOf, hostsOf } from '../upstream/host-builder.ts';
import { balancerOf, contextOf } from './balancer-builder.ts';
import { PriorityState } from './priority-state.ts';
import { compileRetryHostPolicy, RetryHostSelection } from './retry-host-selection.ts';

const PREVIOUS_HOSTS = { name: 'envoy.retry_host_predicates.previous_hosts' };
const PREVIOUS_PRIORITIES = {
  name: 'envoy.retry_priorities.previous_priorities',
  typedConfig: { '@type': 'type.googleapis.com/…PreviousPrioritiesConfig', updateFrequency: 2 },
};

function selectionOf(policy: Parameters<typeof compileRetryHostPolicy>[0]): RetryHostSelection {
  const selection = new RetryHostSelection();
  selection.reset(compileRetryHostPolicy(policy));
  return selection;
}

describe('the host of a retry', () => {
  it('is another one when previous hosts are avoided, as long as there is another one', () => {
    const selection = selectionOf({
      retryHostPredicate: [PREVIOUS_HOSTS],
      hostSelectionRetryMaxAttempts: 5,
    });
    const { balancer, picks } = balancerOf({}, [{ hosts: hostsOf(['a', 'b', 'c']) }]);
    const attempt = () => {
      const context = contextOf({
        hostSelectionRetryCount: selection.attempted.length > 0 ? selection.maxAttempts : 0,
        shouldSelectAnotherHost: (host) => selection.shouldSelectAnotherHost(host),
      });
      const host = balancer.chooseHost(context)!;
      selection.onHostAttempted(host);
      return host.address;
    };
    expect(attempt()).toBe('a');
    expect(picks(2)).toEqual(['b', 'c']); // Others go on; a comes next, and is rejected.
    expect([attempt(), attempt()]).toEqual(['b', 'c']);
    expect(attempt()).toBe('c'); // All are rejected six times: the last one it is.
  });

  it('is looked for once more only when the policy does not say how often', () => {
    expect(selectionOf({ retryHostPredicate: [PREVIOUS_HOSTS] }).maxAttempts).toBe(1);
    expect(selectionOf({ hostSelectionRetryMaxAttempts: 5 }).maxAttempts).toBe(0);
  });

  it('is no canary, and has not the metadata, that predicates omit', () => {
    const [canary, tagged, plain] = hostsOf([
      { isCanary: true },
      { metadata: new Map([['envoy.lb', { drain: true }]]) },
      {},
    ]);
    const selection = selectionOf({
      retryHostPredicate: [
        { name: 'envoy.retry_host_predicates.omit_canary_hosts' },
        {
          name: 'envoy.retry_host_predicates.omit_host_metadata',
          typedConfig: {
            '@type': 'type.googleapis.com/…OmitHostMetadataConfig',
            metadataMatch: { filterMetadata: { 'envoy.lb': { drain: true } } },
          } as never,
        },
      ],
    });
    expect(selection.shouldSelectAnotherHost(canary!)).toBe(true);
    expect(selection.shouldSelectAnotherHost(tagged!)).toBe(true);
    expect(selection.shouldSelectAnotherHost(plain!)).toBe(false);
  });

  it('forgets everything for the next request', () => {
    const [host] = hostsOf(['a']);
    const selection = selectionOf({ retryHostPredicate: [PREVIOUS_HOSTS] });
    selection.onHostAttempted(host!);
    selection.reset(undefined);
    expect([selection.maxAttempts, selection.retryPriority]).toEqual([0, undefined]);
    expect(selection.shouldSelectAnotherHost(host!)).toBe(false);
  });
});

describe('previous priorities', () => {
  const hostSets = [0, 1, 2].map((priority) =>
    hostSetOf({ priority, hosts: hostsOf([`p${priority}`]) }),
  );
  const state = new PriorityState(50);
  state.refresh(hostSets);
  const loadsAfter = (...priorities: readonly number[]) => {
    const selection = selectionOf({ retryPriority: PREVIOUS_PRIORITIES });
    for (const priority of priorities) {
      selection.onHostAttempted(hostSets[priority]!.hosts[0]!);
      selection.retryPriority!.determinePriorityLoad(hostSets, state);
    }
    return selection.retryPriority!.determinePriorityLoad(hostSets, state).healthy;
  };

  it('are avoided from the second attempt on, at every second one', () => {
    expect(loadsAfter(0)).toEqual([100, 0, 0]);
    expect(loadsAfter(0, 0)).toEqual([0, 100, 0]);
    expect(loadsAfter(0, 0, 1)).toEqual([0, 100, 0]);
    expect(loadsAfter(0, 0, 1, 1)).toEqual([0, 0, 100]);
  });

  it('count again when none is left', () => {
    expect(loadsAfter(0, 1, 2, 2)).toEqual([100, 0, 0]);
  });
});
