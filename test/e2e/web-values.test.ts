import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type BuiltPage, builtPage, finishedAnew, type OpenPage, steadyBox } from './web-page.ts';

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

describe('a value at hand', () => {
  const built = builtPage();

  it('is stepped by Alt and an arrow where the caret is; elsewhere these keys move lines', async () => {
    const { page, complaints, context, digest } = await built.open('?example=canary');
    await page.getByRole('tab', { name: 'canary-90-10' }).click();
    await page.locator('.cm-value', { hasText: /^90$/ }).click();
    await page.waitForSelector('.cm-editor.cm-focused');
    await page.keyboard.press('Alt+ArrowUp');
    await expect.poll(() => textOf(page)).toContain('weight: 91');
    await expect.poll(() => textOf(page)).toMatch(/weight: 9(\D|$)/);
    for (let step = 0; step < 3; step++) await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(() => textOf(page)).toContain('weight: 88');
    await finishedAnew(page, digest);
    await page.keyboard.press('Control+Home');
    const first = await page.locator('.cm-line').first().textContent();
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(() => page.locator('.cm-line').nth(1).textContent()).toBe(first);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('is stepped by two buttons that a tap shows on a touch screen', async () => {
    const touch = { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } };
    const { page, complaints, context, digest } = await built.open('?example=canary', touch);
    await page.getByRole('navigation').getByRole('button', { name: 'YAML' }).tap();
    await page.getByRole('tab', { name: 'canary-90-10' }).tap();
    await page.locator('.cm-value', { hasText: /^90$/ }).tap();
    const stepper = page.getByRole('group', { name: 'weight v1' }).last();
    await stepper.getByRole('button', { name: 'Larger' }).tap();
    await expect.poll(() => textOf(page)).toContain('weight: 91');
    await stepper.getByRole('button', { name: 'Smaller' }).tap();
    await stepper.getByRole('button', { name: 'Smaller' }).tap();
    await expect.poll(() => textOf(page)).toContain('weight: 89');
    await finishedAnew(page, digest);
    await page.locator('.cm-line').first().tap();
    await page.waitForSelector('.stepper', { state: 'detached' });
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('completion', () => {
  const built = builtPage();

  it('offers requests to the hosts of the project, and labels where pods are selected', async () => {
    const { page, complaints, context } = await openRules(built);
    await page.getByRole('tab', { name: 'scenario' }).click();
    const options = page.locator('.cm-tooltip-autocomplete li');
    await atEnd(page, '\nclients:\n');
    await page.keyboard.type('  other: { request: GE');
    await options.filter({ hasText: 'GET' }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('T http://cat');
    await options.filter({ hasText: 'http://catalog' }).first().waitFor();
    await page.getByRole('tab', { name: 'canary-90-10' }).click();
    await atEnd(page, '\n---\nkind: PeerAuthentication\nspec:\n');
    await page.keyboard.type('  selector: { matchLabels: { ver');
    await options.filter({ hasText: 'version' }).first().waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('sion: v');
    await options.filter({ hasText: 'v2' }).first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('offers the names of the project where they may stand', async () => {
    const { page, complaints, context } = await openRules(built);
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
    const { page, complaints, context } = await openRules(built);
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

/** The canary's rules in the editor, once the project's files have been read. */
async function openRules(built: BuiltPage): Promise<OpenPage> {
  const opened = await built.open('?example=canary');
  await opened.page.getByRole('tab', { name: 'canary-90-10' }).click();
  await opened.page.locator('.cm-value').first().waitFor();
  return opened;
}

async function textOf(page: Page): Promise<string> {
  return (await page.locator('.cm-content').textContent()) ?? '';
}

/** Written at once: what is typed is completed, and indented anew. */
async function atEnd(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText(text);
}
