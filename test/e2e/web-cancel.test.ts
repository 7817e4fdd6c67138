import { describe, expect, it } from 'vitest';
import { finished } from './browser.ts';
import { builtPage, endlessRun } from './web-page.ts';

describe('a run that is cancelled', () => {
  const built = builtPage();

  it('stops where it is, says so, and leaves the page to the next one', async () => {
    const { page, complaints, context } = await built.fresh();
    await page.goto(built.url + endlessRun());
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
