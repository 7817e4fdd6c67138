import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '#envoy/re2.ts';
import { libraryScenarios, runOf } from '../scenarios/library.ts';

const golden: unknown = JSON.parse(
  readFileSync(new URL('./digests.json', import.meta.url), 'utf8'),
);
const scenarios = libraryScenarios();

describe('test/golden/digests.json (npm run digests writes it)', () => {
  it('has a digest for every scenario and none for others', () => {
    expect(Object.keys(golden ?? {}).sort()).toEqual(scenarios.map(({ name }) => name).sort());
  });

  it.each(scenarios)('$name runs as it did', (scenario) => {
    expect(golden).toHaveProperty([scenario.name], runOf(scenario).digest);
  });
});
