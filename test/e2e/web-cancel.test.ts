import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { readProject } from '../../src/cli/read-project.ts';
import { finished } from './browser.ts';
import { scenarioPath } from './digest-in-node.ts';
import { builtPage } from './web-page.ts';

describe('a run that is cancelled', () => {
  const built = builtPage();

  it('stops where it is, says so, and leaves the page to the next one', async () => {
    const { page, complaints, context } = await built.fresh();
    await page.goto(built.url + endless());
    await page.locator('h1', { hasText: 'so far' }).waitFor();
    await page.locator('.verdict').getByRole('button', { name: 'Cancel' }).click();
    await page.waitForSelector('[data-status=cancelled]');
    await expect.poll(() => page.locator('h1').textContent()).toMatch(/cancelled at \d+\.\ds/);
    await page.locator('.bar .title').click();
    await page.locator('dialog[open] .card').first().click();
    await finished(page);
    await expect.poll(() => page.locator('h1').textContent()).not.toContain('cancelled');
    expect(complaints).toEqual([]);
    await context.close();
  });
});

/** Days of it: nobody waits for its end. */
function endless(): string {
  const project = readProject(scenarioPath('bookinfo'), new NodeFiles());
  const scenario = project.files['scenario.yaml']!.replace(/^duration:.*$/m, 'duration: 500000s');
  const files = { ...project.files, 'scenario.yaml': scenario };
  const content = JSON.stringify({ project: { ...project, files } });
  return `#v1.${deflateRawSync(content).toString('base64url')}`;
}
