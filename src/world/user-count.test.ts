import { describe, expect, it } from 'vitest';
import type { UserStage } from './load.ts';
import { type UserChange, UserCount } from './user-count.ts';

function changes(stages: readonly UserStage[], startNs = 0): readonly UserChange[] {
  const users = new UserCount(stages, startNs);
  const found: UserChange[] = [];
  for (let change = users.next(); change !== undefined; change = users.next()) found.push(change);
  return found;
}

describe('the number of users of a closed loop', () => {
  it('stays as it is without stages', () => {
    const stages = [{ from: 3, to: 3, durationNs: Number.POSITIVE_INFINITY }];
    expect(changes(stages, 7)).toEqual([{ atNs: 7, count: 3 }]);
  });

  it('grows by one at equal distances and falls the same way', () => {
    const stages = [
      { from: 0, to: 4, durationNs: 8 },
      { from: 4, to: 2, durationNs: 10 },
    ];
    expect(changes(stages)).toEqual([
      { atNs: 0, count: 0 },
      { atNs: 2, count: 1 },
      { atNs: 4, count: 2 },
      { atNs: 6, count: 3 },
      { atNs: 8, count: 4 },
      { atNs: 8, count: 4 },
      { atNs: 13, count: 3 },
      { atNs: 18, count: 2 },
      { atNs: 18, count: 0 },
    ]);
  });
});
