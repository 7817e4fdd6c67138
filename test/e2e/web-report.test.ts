import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { watchedPage } from './browser.ts';
import { meshsim } from './cli-process.ts';
import { scenarioPath } from './digest-in-node.ts';
import { builtPage, finishedAnew, say } from './web-page.ts';

/** Writes a report of the canary and answers where it lies, and the digest of its run. */
function report(args: readonly string[] = []): { readonly file: string; readonly digest: string } {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'report.html');
  const scenario = scenarioPath('canary-how-exact');
  const { stdout } = meshsim(['run', scenario, ...args, '--out', `html=${file}`]);
  const digest = /digest ([0-9a-f]{16})/.exec(stdout)?.[1] ?? stdout;
  return { file, digest };
}

describe('the HTML report', () => {
  const built = builtPage();

  async function openFile(file: string) {
    const watched = await watchedPage(built.browser, 'file://');
    await watched.page.goto(pathToFileURL(file).href);
    return watched;
  }

  it('opens from the disk with its run inside, and runs again', async () => {
    const { file, digest } = report();
    say(`a report is ${(statSync(file).size / 1024).toFixed(0)} KB`);
    const { page, complaints, context } = await openFile(file);
    await page.waitForSelector(`code[data-digest^="${digest}"]`);
    await page.waitForSelector('[data-status=finished]');
    await expect.poll(() => page.locator('h1').textContent()).toMatch(/\d+ of \d+ requests/);
    const shown = (await page.locator('code[data-digest]').getAttribute('data-digest'))!;
    await page.locator('.wt input').fill('60');
    await finishedAnew(page, shown);
    await expect.poll(() => page.locator('h1').textContent()).toContain('B fails');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('runs again with the seed and the values that the command was given', async () => {
    const { file, digest } = report(['--seed', '9', '--set', 'clients.ten.load.requests=8']);
    const { page, complaints, context } = await openFile(file);
    await page.waitForSelector('[data-status=finished]');
    await page.waitForSelector(`code[data-digest^="${digest}"]`);
    await expect.poll(() => page.getByLabel('Seed').inputValue()).toBe('9');

    expect(complaints).toEqual([]);
    await context.close();
  });
});
