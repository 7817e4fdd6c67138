import { describe, expect, it } from 'vitest';
import { SHARED } from '../shared-data.ts';
import { KINDS } from './conformance.ts';
import { committedFigures, measureKind } from './figures.ts';

if (SHARED === undefined) {
  console.warn(
    'The shared cases are absent ($MESHSIM_SHARED, ../shared): conformance is not measured.',
  );
}

function heldAgainstShared(): void {
  it.each(KINDS)('%s: no case that held before fails now', async (kind) => {
    const before = committedFigures()[kind];
    const now = await measureKind(kind);
    console.log(
      `${kind}: ${now.casesHeld} of ${now.cases} cases, ${now.checksHeld} of ${now.checks} checks`,
    );
    const fallen = Object.entries(now.failing).filter(
      ([name]) => !(name in (before?.failing ?? {})),
    );
    expect(before === undefined ? [] : fallen).toEqual([]);
    expect(now.casesHeld).toBeGreaterThanOrEqual(before?.casesHeld ?? 0);
    expect(now.checksHeld).toBeGreaterThanOrEqual(before?.checksHeld ?? 0);
  });
}

function withoutShared(): void {
  it('still has committed figures to hold against', () => {
    expect(Object.keys(committedFigures()).sort()).toEqual([...KINDS].sort());
  });
}

if (SHARED === undefined) describe('conformance without the shared cases', withoutShared);
else describe('conformance with the real istiod and the real Envoy', heldAgainstShared);
