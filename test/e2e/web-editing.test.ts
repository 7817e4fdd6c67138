import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { finished } from './browser.ts';
import { builtPage, endlessRun, finishedAnew } from './web-page.ts';

describe('the editor', () => {
  const built = builtPage();

  it('underlines what is wrong as one types, and runs again when it is mended', async () => {
    const { page, complaints, context, digest } = await built.open('?example=canary');
    await openScenario(page);
    await typeAtEnd(page, 'durations: 5s');
    await page.waitForSelector('.cm-lintRange-error');
    await page.locator('.diag', { hasText: 'did you mean "duration"?' }).waitFor();
    await run(page);
    await page.waitForSelector('[data-status=invalid]');
    await expect.poll(() => page.locator('h1').textContent()).toContain('does not run');

    await page.locator('.cm-content').focus();
    for (const _ of 'durations: 5s') await page.keyboard.press('Backspace');
    await page.waitForSelector('.cm-lintRange-error', { state: 'detached' });
    await run(page);
    expect(await finished(page)).toBe(digest);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('underlines what istiod would refuse, under its very value', async () => {
    const { page, complaints, context } = await built.open('?example=canary');
    await page.getByRole('tab', { name: 'canary-90-10' }).click();
    await replaceInEditor(page, 'weight: 90', 'weight: -1');
    await page.waitForSelector('.cm-lintRange-error');
    await expect.poll(() => page.locator('.cm-lintRange-error').textContent()).toContain('-1');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('completes fields and values where they may stand, and says what they mean', async () => {
    const { page, complaints, context } = await built.open('?example=canary');
    await page.getByRole('tab', { name: 'canary-90-10' }).click();
    await page.waitForSelector('.cm-content');
    await typeAtEnd(page, '      retr');
    const options = page.locator('.cm-tooltip-autocomplete li');
    await options.first().waitFor();
    await expect.poll(() => options.first().textContent()).toBe('retries');
    await page.locator('.cm-completionInfo', { hasText: 'Retry policy' }).waitFor();
    // The editor takes no Enter in a list's first 75 ms: it was meant for the line.
    await page.waitForTimeout(150);
    await page.keyboard.press('Enter');
    const text = () => page.locator('.cm-content').textContent();
    await expect.poll(text).toContain('retries: ');
    await page.keyboard.type('{ att');
    await options.filter({ hasText: 'attempts' }).waitFor();
    await expect.poll(text).toContain('retries: { att');
    await page.keyboard.press('Escape');
    const says = page.locator('.fielddoc', { hasText: 'spec.http.route.destination.subset' });
    await expect.poll(() => hoverFor(page, 'subset', says)).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('loses nothing that is typed fast while a run goes on and findings come', async () => {
    const { page, complaints, context } = await built.fresh();
    await page.goto(built.url + endlessRun());
    await page.locator('h1', { hasText: 'so far' }).waitFor();
    await page.waitForSelector('.cm-content');
    // Not a moment after the tab: the first letter must not go into the file that was open.
    await page.getByRole('tab', { name: 'scenario' }).click();
    const words = Array.from({ length: 20 }, (_, index) => `word-${index}`).join(' ');
    await typeAtEnd(page, 'durations: 5s #');
    await page.keyboard.type(` ${words}`);
    await page.locator('.diag', { hasText: 'did you mean "duration"?' }).waitFor();
    await page.keyboard.type(' end');
    const line = page.locator('.cm-line', { hasText: 'durations' });
    await expect.poll(() => line.textContent()).toBe(`durations: 5s # ${words} end`);
    await page.getByRole('tab', { name: 'scenario' }).click();
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() => page.locator('.cm-content').textContent())
      .not.toContain('durations: 5s');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('lays a file out anew, folds it and undoes each file by itself', async () => {
    const { page, complaints, context } = await built.open('?example=canary');
    await openScenario(page);
    await typeAtEnd(page, 'proxy:    {concurrency:    1}');
    await page.getByRole('button', { name: 'Format the file' }).click();
    await page.locator('.cm-line', { hasText: 'proxy: { concurrency: 1 }' }).waitFor();
    await page.getByRole('tab', { name: 'canary-90-10' }).click();
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+z');
    await openScenario(page);
    await page.locator('.cm-line', { hasText: 'proxy: { concurrency: 1 }' }).waitFor();
    await page.keyboard.press('Control+Home');
    await page.locator('.cm-content').focus();
    await page.keyboard.press('Control+Alt+[');
    await page.locator('.cm-foldPlaceholder').first().waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('undoes nothing of the files that were open before others', async () => {
    const { page, complaints, context, digest } = await built.open('?example=canary');
    await openScenario(page);
    await typeAtEnd(page, '# of the canary');
    await page.locator('.bar .title').click();
    await page.locator('dialog[open] .card', { hasText: 'panic-threshold' }).click();
    await finishedAnew(page, digest);
    await openScenario(page);
    const text = () => page.locator('.cm-content').textContent();
    await expect.poll(text).not.toContain('# of the canary');
    await page.locator('.cm-content').focus();
    for (let times = 0; times < 3; times++) await page.keyboard.press('Control+z');
    await typeAtEnd(page, '# of the other');
    await expect.poll(text).toContain('# of the other');
    expect(await text()).not.toContain('# of the canary');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('keeps what was edited over a reload, and gives it back when asked', async () => {
    const { page, complaints, context, digest } = await built.open('?example=canary');
    await page.locator('.wt input').fill('60');
    const edited = await finishedAnew(page, digest);
    await openScenario(page);
    await typeAtEnd(page, '# kept over a reload');
    await page.waitForFunction(() =>
      localStorage.getItem('meshsim-draft')?.includes('# kept over a reload'),
    );
    await page.reload();
    await page.waitForFunction(
      (wanted) =>
        document.querySelector('code[data-digest]')?.getAttribute('data-digest') === wanted &&
        document.querySelector('[data-status=finished]') !== null,
      edited,
    );
    await page.waitForSelector('.cm-content');
    await expect
      .poll(() => page.locator('.cm-content').textContent())
      .toContain('# kept over a reload');
    await expect.poll(() => page.locator('h1').textContent()).toContain('B fails');
    await page.getByRole('button', { name: 'As it was opened' }).click();
    expect(await finishedAnew(page, edited)).toBe(digest);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('goes on without storage', async () => {
    const { page, complaints, context } = await built.fresh();
    await page.addInitScript(() => {
      for (const method of ['getItem', 'setItem'] as const)
        Storage.prototype[method] = () => {
          throw new DOMException('forbidden', 'SecurityError');
        };
    });
    await page.goto(`${built.url}?example=canary`);
    await finished(page);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('a value that is dragged', () => {
  const built = builtPage();

  it('is written into the YAML; the run is compared with the one before', async () => {
    const { page, complaints, context, digest } = await built.open('?example=canary');
    await page.locator('.wt input').fill('60');
    const changed = await finishedAnew(page, digest);
    await expect.poll(() => page.locator('h1').textContent()).toContain('B fails');
    await expect.poll(() => page.locator('.why').first().textContent()).toContain('90 → 60');
    await page.getByRole('tab', { name: 'canary-90-10' }).click();
    await page.waitForSelector('.cm-content');
    const text = () => page.locator('.cm-content').textContent();
    await expect.poll(text).toContain('weight: 60');
    await expect.poll(text).toContain('weight: 40');
    await page.getByRole('button', { name: 'Back to A' }).click();
    expect(await finishedAnew(page, changed)).toBe(digest);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

async function openScenario(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'scenario' }).click();
  await page.waitForSelector('.cm-content');
}

/** On a line of its own, after everything else. */
async function typeAtEnd(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text);
}

/** A pointer that rests on a word for a while is answered, unless the text moves away below it. */
async function hoverFor(page: Page, word: string, answer: Locator): Promise<boolean> {
  await page.mouse.move(0, 0);
  await page.getByText(word, { exact: true }).first().hover();
  const isShown = answer.waitFor({ timeout: 3000 });
  return isShown.then(
    () => true,
    () => false,
  );
}

/** With the editor's own search, as one would. */
async function replaceInEditor(page: Page, from: string, to: string): Promise<void> {
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+f');
  await page.locator('.cm-search [name=search]').fill(from);
  await page.locator('.cm-search input[name=replace]').fill(to);
  await page.locator('.cm-search [name=replaceAll]').click();
  await page.keyboard.press('Escape');
}

async function run(page: Page): Promise<void> {
  await page.locator('.pri', { hasText: 'Run' }).click();
}
