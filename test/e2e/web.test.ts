import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { readProject } from '../../src/cli/read-project.ts';
import { finished, startChromium, watchedPage } from './browser.ts';
import { serveSite } from './static-site.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let browser: Browser;
let site: Awaited<ReturnType<typeof serveSite>>;

beforeAll(async () => {
  execFileSync('node', ['web/build.mjs'], { cwd: ROOT, stdio: 'ignore' });
  site = await serveSite();
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  site?.close();
});

function say(figure: string): void {
  process.stdout.write(`web: ${figure}\n`);
}

async function open(query: string, options = {}) {
  const watched = await watchedPage(browser, new URL(site.url).origin, options);
  await watched.page.goto(site.url + query);
  const digest = await finished(watched.page);
  return { ...watched, digest };
}

// A browser on a busy machine: what fails once is looked at twice more.
describe('the page', { retry: 2 }, () => {
  it('opens already run: a verdict in words, and how long that took', async () => {
    const { page, complaints, context } = await open('');
    const times = await page.evaluate(() => ({
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1,
      now: performance.now(),
    }));
    say(`first paint ${times.paint.toFixed(0)} ms, first result ${times.now.toFixed(0)} ms`);
    expect(await page.locator('h1').textContent()).toMatch(/\d+ of \d+ requests/);
    expect(times.paint).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('stays within its budgets of size', () => {
    const assets = join(ROOT, 'dist-web/assets');
    const sizeOf = (pattern: RegExp) =>
      readdirSync(assets)
        .filter((name) => pattern.test(name))
        .reduce((sum, name) => sum + gzipSync(readFileSync(join(assets, name))).length / 1024, 0);
    const page = sizeOf(/^index-/);
    const worker = sizeOf(/^worker-/);
    say(
      `page ${page.toFixed(0)} KB, engine ${worker.toFixed(0)} KB, editor ${sizeOf(/^code-editor-/).toFixed(0)} KB gzipped`,
    );
    expect(page).toBeLessThan(250);
    expect(worker).toBeLessThan(MOST_ENGINE_KB);
  });

  it('edits the YAML when a weight is dragged, runs again and compares', async () => {
    const { page, complaints, context, digest } = await open('?example=canary');
    const started = Date.now();
    await page.locator('.wt input').fill('60');
    await page.waitForFunction(
      (old) =>
        document.querySelector('code[data-digest]')?.getAttribute('data-digest') !== old &&
        document.querySelector('[data-status=finished]') !== null,
      digest,
    );
    say(`a dragged weight is run and drawn in ${Date.now() - started} ms`);
    expect(await page.locator('h1').textContent()).toContain('B fails');
    expect(await page.locator('.why').first().textContent()).toContain('90 → 60');
    await page.getByRole('button', { name: 'Back to A' }).click();
    expect(await finished(page)).toBe(digest);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('moves one cursor through everything, and filters by what is selected', async () => {
    const { page, complaints, context } = await open('?example=canary');
    const ruler = page.locator('#p-charts .ruler');
    await ruler.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.clk').textContent()).toBe('11.0');
    const rows = page.locator('#p-req tr.row');
    const before = await rows.count();
    await page.locator('.nd[data-node$="catalog-v1"]').press('Enter');
    await page.waitForFunction(
      (count) => document.querySelectorAll('#p-req tr.row').length !== count,
      before,
    );
    for (const text of await rows.locator('td:nth-child(4)').allTextContents())
      expect(text).toContain('v1');
    await page.keyboard.press('Escape');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('says what is wrong with a hostile link', async () => {
    const { page, context } = await watchedPage(browser, new URL(site.url).origin);
    await page.goto(`${site.url}#v9.AAAA`);
    await page.waitForSelector('[data-status=broken]');
    expect(await page.locator('h1').textContent()).toContain('newer meshsim');
    await page.goto('about:blank');
    await page.goto(`${site.url}#v1.!!!!`);
    await page.waitForSelector('[data-status=broken]');
    expect(await page.locator('h1').textContent()).toContain('damaged');
    await context.close();
  });

  it('shows hostile names as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>';
    const folder = join(ROOT, 'scenarios/canary-how-exact');
    const project = readProject(join(folder, 'scenario.yaml'), new NodeFiles());
    const text = project.files['scenario.yaml']!.replace(/^title:.*$/m, `title: '${hostile}'`);
    const files = { ...project.files, 'scenario.yaml': text };
    const packed = deflateRawSync(JSON.stringify({ project: { ...project, files } }));
    const { page, complaints, context } = await open(`#v1.${packed.toString('base64url')}`);
    expect(await page.locator('.bar .title').textContent()).toContain(hostile);
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

/** The engine's script; regular expressions and the editor are loaded apart. */
const MOST_ENGINE_KB = 200;
