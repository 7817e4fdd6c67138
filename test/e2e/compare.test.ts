import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf, meshsim, ROOT } from './cli-process.ts';

const KNOBS = join(ROOT, 'scenarios/circuit-breaker-knobs');
const CANARY = join(ROOT, 'scenarios/canary-how-exact/scenario.yaml');

interface Comparison {
  readonly schema: string;
  readonly pairedCount: number;
  readonly metrics: readonly { readonly metric: string; readonly verdict: string }[];
  readonly changes: readonly {
    readonly before: string;
    readonly after: string;
    readonly requestCount: number;
    readonly cause: { readonly object: string } | null;
  }[];
}

function compared(args: readonly string[]): Comparison {
  const { stdout, stderr } = meshsim(['compare', ...args, '-o', 'json']);
  expect(stderr).not.toMatch(/error/);
  return JSON.parse(stdout) as Comparison;
}

describe('meshsim compare', () => {
  it('finds nothing between a scenario and itself', () => {
    const { metrics, changes, pairedCount } = compared([CANARY, CANARY]);
    expect(pairedCount).toBeGreaterThan(100);
    expect(changes).toEqual([]);
    expect(new Set(metrics.map(({ verdict }) => verdict))).toEqual(new Set(['same']));
  });

  it('says that the remedy is better, and which limit had turned requests away', () => {
    const files = [join(KNOBS, 'scenario.yaml'), join(KNOBS, 'fixed.yaml')];
    const { schema, metrics, changes } = compared(files);
    expect(schema).toBe('meshsim/comparison/v1');
    expect(metrics).toContainEqual(
      expect.objectContaining({ metric: 'success', verdict: 'better' }),
    );
    const [most] = changes;
    expect(most).toMatchObject({ before: '503 UO', after: '200' });
    expect(most?.cause?.object).toMatch(/^DestinationRule /);
  });

  it('the other way round is a regression', () => {
    const files = [join(KNOBS, 'fixed.yaml'), join(KNOBS, 'scenario.yaml')];
    const { stdout, code } = meshsim(['compare', ...files, '--fail-on-regression']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/ worse$/m);
    expect(stdout).toMatch(/200 → 503 UO/);
  });

  it('--with lays manifests over those of the scenario', () => {
    const folder = folderOf({
      'abort.yaml': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: catalog }
spec:
  hosts: [catalog]
  http:
    - fault: { abort: { percentage: { value: 100 }, httpStatus: 555 } }
      route: [{ destination: { host: catalog } }]
`,
    });
    const { changes, pairedCount } = compared([CANARY, '--with', join(folder, 'abort.yaml')]);
    const changed = changes.reduce((sum, { requestCount }) => sum + requestCount, 0);
    expect(changed).toBe(pairedCount);
    for (const change of changes)
      expect(change).toMatchObject({
        after: '555 FI',
        cause: { object: 'VirtualService catalog' },
      });
  });

  it('wants two sides', () => {
    expect(meshsim(['compare', CANARY])).toMatchObject({ code: 2 });
    expect(meshsim(['compare', CANARY, CANARY, '--with', 'x.yaml'])).toMatchObject({ code: 2 });
  });
});
