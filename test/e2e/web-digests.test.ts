import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { readProject } from '../../src/cli/read-project.ts';
import { ROOT } from './cli-process.ts';
import { builtPage, EXAMPLES, SITE } from './web-page.ts';

describe('a run in a browser', () => {
  const built = builtPage();

  it('has the digest that it has in Node, for every bundled scenario', {
    timeout: 600_000,
  }, async () => {
    const { page, complaints, context } = await built.open('?example=canary');
    const script = readdirSync(join(SITE, 'assets')).find((name) => /^worker-/.test(name));
    const files = new NodeFiles();
    for (const example of EXAMPLES) {
      const project = readProject(scenarioOf(example), files);
      const digest = await page.evaluate(digestInWorker, { url: `assets/${script}`, project });
      expect([example, digest]).toEqual([example, digestInNode(example)]);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });
});

function scenarioOf(example: string): string {
  return join(ROOT, 'scenarios', example, 'scenario.yaml');
}

function digestInNode(example: string): string {
  const files = new NodeFiles();
  const { scenario } = loadScenario(scenarioOf(example), files);
  const { experiment } = prepareExperiment(scenario!, files);
  return new Run(experiment!).finish().digest;
}

/** Runs in the browser: the engine alone, as the page starts it. */
function digestInWorker({ url, project }: { readonly url: string; readonly project: unknown }) {
  const worker = new Worker(url, { type: 'module' });
  return new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }) => {
      if (data.kind === 'broken' || data.kind === 'invalid')
        reject(new Error(JSON.stringify(data)));
      if (data.kind !== 'view' || !data.view.isOver) return;
      worker.terminate();
      resolve(data.view.digest);
    };
    worker.postMessage({ kind: 'run', id: 0, project, parameters: {} });
  });
}
