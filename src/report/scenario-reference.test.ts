import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { scenarioReference } from './scenario-reference.ts';

const file = new URL('../../docs/reference/scenario.md', import.meta.url);

describe('the reference of scenario files', () => {
  it('is what docs/reference/scenario.md says (write it anew with MESHSIM_UPDATE=1)', async () => {
    if (process.env['MESHSIM_UPDATE'] === '1') {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(file, scenarioReference());
    }
    expect(readFileSync(file, 'utf8')).toBe(scenarioReference());
  });

  it('has the keys of workloads, clients, loads and steps', () => {
    const text = scenarioReference();
    for (const key of ['slowdown', 'sidecarPreStop', 'gracefulStop', 'maxConcurrency', 'lose'])
      expect(text).toContain(`\n| \`${key}\` |`);
  });
});
