import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { metricReference } from './metric-reference.ts';

const file = new URL('../../docs/reference/metrics.md', import.meta.url);

describe('the reference of metrics and labels', () => {
  it('is what docs/reference/metrics.md says (write it anew with MESHSIM_UPDATE=1)', async () => {
    if (process.env['MESHSIM_UPDATE'] === '1') {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(file, metricReference());
    }
    expect(readFileSync(file, 'utf8')).toBe(metricReference());
  });

  it('names every metric, label and flag once', () => {
    const text = metricReference();
    for (const name of ['requests', 'queue', 'destination_workload', 'subset', 'UO', 'URX']) {
      expect(text.split(`\n| \`${name}\` |`).length).toBe(2);
    }
  });
});
