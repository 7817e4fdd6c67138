import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NodeFiles } from '#cli/node-files.ts';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import { ROOT } from '../tidy/source-tree.ts';
import { checkedRun } from './checked-run.ts';

const SCENARIOS = readdirSync(join(ROOT, 'scenarios')).sort();

describe('the invariants of a run', () => {
  it.each(SCENARIOS)('hold in %s', (name) => {
    const files = new NodeFiles();
    const path = join(ROOT, 'scenarios', name, 'scenario.yaml');
    const { scenario } = loadScenario(path, files, {});
    const { experiment, diagnostics } = prepareExperiment(scenario!, files);
    expect(diagnostics.filter((it) => it.severity === 'error')).toEqual([]);
    const result = checkedRun(new Run(experiment!));
    expect(result.digest).toMatch(/^[0-9a-f]{16}$/);
  });
});
