import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { builtPage, finishedAnew } from './web-page.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { width: 390, height: 844 };

describe.each(['light', 'dark'] as const)('axe finds nothing in the %s theme', (colorScheme) => {
  const built = builtPage();

  it.each(['canary', 'circuit-breaker-knobs', 'tcp-and-tls', 'route-order'])(
    'on the page: %s',
    async (example) => {
      const { page, context } = await built.open(`?example=${example}`, { colorScheme });
      await page.waitForSelector('.cm-content');
      await page.waitForSelector('.knob'); // The files have been read.
      await expect.poll(() => violationsOf(page)).toEqual([]);
      await context.close();
    },
  );

  it('with all values beside the editor', async () => {
    const { page, context } = await built.open('?example=circuit-breaker-knobs', { colorScheme });
    await page.locator('.knobs h2 button').click();
    await page.locator('.allknobs .knob').first().waitFor();
    await expect.poll(() => violationsOf(page)).toEqual([]);
    await context.close();
  });

  it.each(['Share', 'Keys and help', 'Choose charts'])('in the dialog: %s', async (dialog) => {
    const { page, context } = await built.open('?example=canary', { colorScheme });
    await page.getByRole('button', { name: dialog, exact: true }).first().click();
    await page.waitForSelector('dialog[open]');
    await expect.poll(() => violationsOf(page)).toEqual([]);
    await context.close();
  });

  it('in the gallery', async () => {
    const { page, context } = await built.open('?example=canary', { colorScheme });
    await page.locator('.bar .title').click();
    await page.waitForSelector('dialog[open] .card');
    await expect.poll(() => violationsOf(page)).toEqual([]);
    await context.close();
  });

  it('while two runs are compared', async () => {
    const { page, context, digest } = await built.open('?example=canary', { colorScheme });
    await page.locator('.wt input').fill('60');
    await finishedAnew(page, digest);
    await page.waitForSelector('.cm-content');
    await expect.poll(() => violationsOf(page)).toEqual([]);
    await context.close();
  });

  it('when the scenario does not run', async () => {
    const { page, context } = await built.open('?example=canary', { colorScheme });
    await page.getByRole('tab', { name: 'scenario' }).click();
    await page.locator('.cm-content').focus();
    await page.keyboard.type('nonsense: 1\n');
    await page.locator('.pri', { hasText: 'Run' }).click();
    await page.waitForSelector('[data-status=invalid]');
    await page.waitForSelector('.cm-lintRange-error');
    await expect.poll(() => violationsOf(page)).toEqual([]);
    await context.close();
  });

  it.each(['Graph', 'Charts', 'Requests', 'YAML'])('on a phone: %s', async (panel) => {
    const options = { colorScheme, viewport: PHONE };
    const { page, context } = await built.open('?example=canary', options);
    await page.getByRole('navigation').getByRole('button', { name: panel }).click();
    await expect.poll(() => violationsOf(page)).toEqual([]);
    await context.close();
  });
});

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
    return violations.map(({ id, nodes }) => {
      const where = nodes.slice(0, 3).map(({ html }) => html.slice(0, 160));
      return `${id}: ${where.join(' | ')}`;
    });
  });
}
