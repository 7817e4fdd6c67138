import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { builtPage, finishedAnew } from './web-page.ts';

describe('the whole tour by keyboard alone', () => {
  const built = builtPage();

  it('sees the canary go wrong, asks why, moves the weight and sees it go right', async () => {
    const { page, complaints, context, digest } = await built.open('');
    const keys = page.keyboard;
    await expect.poll(() => page.locator('h1').textContent()).toMatch(/requests failed: 503 U[HO]/);

    // Where it went wrong: from failure to failure, and the charts' cursor.
    await keys.press('c');
    await focusIs(page, '#p-charts .ruler');
    await keys.press('Home');
    await keys.press('.');
    await expect
      .poll(async () => Number(await page.locator('.clk').textContent()))
      .toBeGreaterThanOrEqual(10);

    // The graph: along its nodes, one selected, one deselected.
    await keys.press('g');
    await focusIs(page, '#p-graph [role=button]');
    await tabTo(page, '.nd[data-node$="catalog-v2"]');
    await keys.press('Enter');
    await page.waitForSelector('.nd[data-node$="catalog-v2"][aria-pressed=true]');

    // A request: its waterfall says why.
    await keys.press('r');
    await focusIs(page, '#p-req .tbl');
    const isFailed = () => document.activeElement?.matches('tr.row:not(.open):has(.bad)') === true;
    for (let row = 0; row < 100 && !(await page.evaluate(isFailed)); row++)
      await keys.press('ArrowDown');
    await keys.press('Enter');
    await page.locator('tr.wf', { hasText: 'Why 503' }).waitFor();
    for (let chip = 0; chip < 4; chip++) await keys.press('Escape');

    // The line that is to blame, in the editor; Escape and Tab lead out of it.
    await tabTo(page, '.why');
    await keys.press('Enter');
    await focusIs(page, '.cm-content');
    await expect
      .poll(() => page.locator('.cm-activeLine').textContent())
      .toMatch(/outlierDetection|consecutive|Pool|Connections/);
    await keys.press('Escape');
    await keys.press('Tab');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.closest('.cm-content')))
      .toBeNull();

    // The weight.
    await tabTo(page, '.wt input');
    for (let step = 0; step < 4; step++) await keys.press('PageUp');
    await expect.poll(() => page.locator('.wt input').inputValue()).toBe('90');
    await finishedAnew(page, digest);
    await page.waitForFunction(() =>
      /B fails 0 requests/.test(document.querySelector('h1')?.textContent ?? ''),
    );

    // Back, share, theme, help, gallery: all of them by keys.
    await tabTo(page, 'button', 'Keep B');
    await keys.press('Enter');
    await page.waitForFunction(() =>
      /requests succeeded/.test(document.querySelector('h1')?.textContent ?? ''),
    );
    await tabTo(page, 'button[aria-label=Share]');
    await keys.press('Enter');
    await page.waitForSelector('dialog[open] .url input');
    await keys.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await focusIs(page, 'button[aria-label=Share]');
    await keys.press('?');
    await page.waitForSelector('dialog[open]');
    await keys.press('Escape');
    await tabTo(page, 'button.title');
    await keys.press('Enter');
    await page.waitForSelector('dialog[open] .card');
    await keys.press('Escape');

    expect(complaints).toEqual([]);
    await context.close();
  });

  it('moves what separates panels, and remembers it', async () => {
    const { page, complaints, context } = await built.open('');
    const width = () => page.locator('#p-editor').evaluate((panel) => panel.clientWidth);
    const before = await width();
    await tabTo(page, '.splitter[aria-label="Width of the editor"]');
    for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight');
    await page.waitForFunction(
      (old) => document.querySelector('#p-editor')!.clientWidth > old + 40,
      before,
    );
    const wide = await width();
    await page.reload();
    await page.waitForSelector('[data-status=finished]');
    await expect.poll(width).toBe(wide);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

/** Presses Tab until something is in focus; going round once finds everything that keys can reach. */
async function tabTo(page: Page, selector: string, text = ''): Promise<void> {
  for (let presses = 0; presses < 250; presses++) {
    const isThere = await page.evaluate(
      ([wanted, says]) => {
        const focused = document.activeElement;
        return focused?.matches(wanted!) === true && focused.textContent!.includes(says!);
      },
      [selector, text],
    );
    if (isThere) return;
    // Out of the editor, where Tab indents.
    if (await page.evaluate(() => document.activeElement?.closest('.cm-content') !== null))
      await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

async function focusIs(page: Page, selector: string): Promise<void> {
  await page.waitForFunction(
    (wanted) => document.activeElement?.matches(wanted) === true,
    selector,
  );
}
