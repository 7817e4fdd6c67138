import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { builtPage, finishedAnew, steadyBox } from './web-page.ts';

describe('the values of a project', () => {
  const built = builtPage();

  it('are all there beside the editor, by object; a slider writes its number and nothing else', async () => {
    const { page, complaints, context } = await built.open('?example=circuit-breaker-knobs');
    await page.locator('.knobs h2 button').click();
    const all = page.getByRole('group', { name: 'All values' });
    await all
      .getByRole('heading', { name: /^DestinationRule / })
      .first()
      .waitFor();
    const pending = all.getByRole('slider', { name: /^http1MaxPendingRequests / }).first();
    await pending.waitFor();
    await pending.fill('37');
    await page.locator('h1', { hasText: 'B fails' }).waitFor();
    await page.locator('.why', { hasText: 'http1MaxPendingRequests: 37' }).first().click();
    await expect.poll(() => textOf(page)).toContain('http1MaxPendingRequests: 37');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('are dragged where they stand; a press that does not move sets the caret', async () => {
    const { page, complaints, context, digest } = await built.open('?example=canary');
    await page.getByRole('tab', { name: 'canary-90-10' }).click();
    const box = await steadyBox(page.locator('.cm-value', { hasText: /^90$/ }));
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 80, y, { steps: 8 });
    await page.mouse.up();
    await finishedAnew(page, digest);
    await expect.poll(() => textOf(page)).toContain('weight: 70');
    await expect.poll(() => textOf(page)).toContain('weight: 30');
    await page.locator('.cm-value', { hasText: /^70$/ }).click();
    await page.waitForSelector('.cm-editor.cm-focused');
    await page.keyboard.type('0');
    await expect.poll(() => textOf(page)).toMatch(/weight: (070|700)/);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('completion', () => {
  const built = builtPage();

  it('offers the names of the project where they may stand', async () => {
    const { page, complaints, context } = await built.open('?example=canary');
    await page.getByRole('tab', { name: 'canary-90-10' }).click();
    await page.locator('.cm-value').first().waitFor(); // The files have been read.
    await atEnd(page, '\n---\nkind: VirtualService\nspec:\n');
    await page.keyboard.type('  http: [{ route: [{ destination: { host: cat');
    const options = page.locator('.cm-tooltip-autocomplete li');
    await options.filter({ hasText: 'catalog' }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('alog, subset: v');
    await options.filter({ hasText: 'v2' }).first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('knows the fields of the Gateway API', async () => {
    const { page, complaints, context } = await built.open('?example=canary');
    await page.getByRole('tab', { name: 'canary-90-10' }).click();
    await page.locator('.cm-value').first().waitFor();
    await atEnd(page, '\n---\nkind: HTTPRoute\nspec:\n');
    await page.keyboard.type('  rules: [{ backendR');
    const options = page.locator('.cm-tooltip-autocomplete li');
    await options.filter({ hasText: 'backendRefs' }).first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('what no request met', () => {
  const built = builtPage();

  it('is told where all is well, and dim in the editor', async () => {
    const { page, complaints, context } = await built.open('?example=route-order');
    await page.locator('.verdict .note', { hasText: 'Not exercised: route "beta"' }).waitFor();
    await page.locator('.cm-line.cm-unmet', { hasText: 'name: beta' }).waitFor();
    await expect
      .poll(() => page.locator('.cm-line.cm-unmet', { hasText: 'name: api' }).count())
      .toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

async function textOf(page: Page): Promise<string> {
  return (await page.locator('.cm-content').textContent()) ?? '';
}

/** Written at once: what is typed is completed, and indented anew. */
async function atEnd(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText(text);
}
