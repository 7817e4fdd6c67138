import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareExperiment } from '#scenario/experiment.ts';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { Run } from '#scenario/run.ts';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { readProject } from '../../src/cli/read-project.ts';
import { finished, startChromium, watchedPage } from './browser.ts';
import { serveSite } from './static-site.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLES = readdirSync(join(ROOT, 'scenarios')).filter((name) =>
  statSync(join(ROOT, 'scenarios', name, 'scenario.yaml'), { throwIfNoEntry: false }),
);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

function digestInNode(example: string): string {
  const files = new NodeFiles();
  const { scenario } = loadScenario(join(ROOT, 'scenarios', example, 'scenario.yaml'), files);
  const { experiment } = prepareExperiment(scenario!, files);
  return new Run(experiment!).finish().digest;
}

async function open(query: string, options = {}) {
  const watched = await watchedPage(browser, new URL(site.url).origin, options);
  await watched.page.goto(site.url + query);
  const digest = await finished(watched.page);
  return { ...watched, digest };
}

describe('the page', () => {
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

  it('gives every bundled scenario the digest that Node gives', { timeout: 300_000 }, async () => {
    const { page, complaints, context } = await open('?example=canary');
    const script = readdirSync(join(ROOT, 'dist-web/assets')).find((name) => /^worker-/.test(name));
    const files = new NodeFiles();
    for (const example of EXAMPLES) {
      const path = join(ROOT, 'scenarios', example, 'scenario.yaml');
      const project = readProject(path, files);
      const digest = await page.evaluate(digestInWorker, { url: `assets/${script}`, project });
      expect([example, digest]).toEqual([example, digestInNode(example)]);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('underlines what is wrong as one types, and runs again when it is mended', async () => {
    const { page, complaints, context, digest } = await open('?example=canary');
    await page.getByRole('tab', { name: 'scenario' }).click();
    const editor = page.locator('.cm-content');
    await editor.click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('durations: 5s');
    await page.waitForSelector('.cm-lintRange-error');
    await page.locator('.pri', { hasText: 'Run' }).click();
    await page.waitForSelector('[data-status=invalid]');
    expect(await page.locator('h1').textContent()).toContain('does not run');
    await editor.click();
    for (let letter = 0; letter < 'durations: 5s'.length; letter++)
      await page.keyboard.press('Backspace');
    await page.keyboard.press('Control+End');
    await page.locator('.pri', { hasText: 'Run' }).click();
    expect(await finished(page)).toBe(digest);
    expect(complaints).toEqual([]);
    await context.close();
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

  it('shares a link that opens to the same run in a fresh profile', async () => {
    const first = await open('?example=canary');
    await first.page.locator('input[aria-label=Seed]').fill('9');
    await first.page.keyboard.press('Enter');
    await first.page.waitForFunction(
      (old) =>
        document.querySelector('code[data-digest]')?.getAttribute('data-digest') !== old &&
        document.querySelector('[data-status=finished]') !== null,
      first.digest,
    );
    const digest = await finished(first.page);
    await first.page.getByRole('button', { name: 'Share', exact: true }).click();
    const field = first.page.getByLabel('Link', { exact: true });
    await first.page.waitForFunction(() =>
      document.querySelector<HTMLInputElement>('.url input')?.value.includes('#v1.'),
    );
    const link = await field.inputValue();
    await first.context.close();
    const second = await watchedPage(browser, new URL(site.url).origin);
    await second.page.goto(link);
    expect(await finished(second.page)).toBe(digest);
    expect(second.complaints).toEqual([]);
    await second.context.close();
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

  it('has nothing that axe complains of, in both themes, on every screen', {
    timeout: 120_000,
  }, async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, context } = await open('?example=canary', { colorScheme });
      await page.waitForSelector('.cm-content');
      expect([colorScheme, 'page', await violationsOf(page)]).toEqual([colorScheme, 'page', []]);
      for (const dialog of ['Share', 'Keys and help']) {
        await page.getByRole('button', { name: dialog, exact: true }).click();
        await page.waitForSelector('dialog[open]');
        expect([colorScheme, dialog, await violationsOf(page)]).toEqual([colorScheme, dialog, []]);
        await page.keyboard.press('Escape');
      }
      await page.locator('.bar .title').click();
      await page.waitForSelector('dialog[open] .card');
      expect([colorScheme, 'gallery', await violationsOf(page)]).toEqual([
        colorScheme,
        'gallery',
        [],
      ]);
      await context.close();
      const phone = await open('?example=canary', {
        colorScheme,
        viewport: { width: 390, height: 844 },
      });
      expect([colorScheme, 'phone', await violationsOf(phone.page)]).toEqual([
        colorScheme,
        'phone',
        [],
      ]);
      await phone.context.close();
    }
  });
});

describe('the HTML report', () => {
  it('opens from the disk with its run inside', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meshsim-'));
    const file = join(folder, 'report.html');
    const scenario = join(ROOT, 'scenarios/canary-how-exact/scenario.yaml');
    execFileSync('node', ['dist/cli/main.js', 'run', scenario, '--out', `html=${file}`], {
      cwd: ROOT,
    });
    say(`report ${(statSync(file).size / 1024).toFixed(0)} KB`);
    const { page, complaints, context } = await watchedPage(browser, 'file://');
    await page.goto(`file://${file}`);
    expect(await finished(page)).toBe(digestInNode('canary-how-exact'));
    expect(await page.locator('h1').textContent()).toMatch(/\d+ of \d+ requests/);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

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
    worker.postMessage({ kind: 'run', id: 0, project });
  });
}

/** The engine's script; regular expressions and the editor are loaded apart. */
const MOST_ENGINE_KB = 290;

async function violationsOf(page: Page): Promise<readonly string[]> {
  // From outside the page: its policy forbids scripts from elsewhere.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const runner = (
      globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      }
    ).axe;
    const { violations } = await runner.run();
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(' | ')}`,
    );
  });
}
