import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from './json-schema.ts';

const SHIPPED = new URL('../../../schema/scenario.schema.json', import.meta.url);

describe('the JSON Schema of scenario files', () => {
  it('is the one that ships with the package', () => {
    const shipped: unknown = JSON.parse(readFileSync(SHIPPED, 'utf8'));
    // To renew it: npm run build && node dist/cli/main.js schema > schema/scenario.schema.json
    expect(shipped).toEqual(JSON.parse(JSON.stringify(scenarioJsonSchema())));
  });

  it('describes every key of a scenario, a workload and a client', () => {
    const text = JSON.stringify(scenarioJsonSchema());
    for (const key of [
      'workloads',
      'timeline',
      'readinessDelay',
      'overload',
      'through',
      'or_empty',
    ])
      expect(text).toContain(`"${key}":`);
  });
});
