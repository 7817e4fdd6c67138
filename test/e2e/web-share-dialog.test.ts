import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { watchedPage } from './browser.ts';
import { builtPage } from './web-page.ts';

describe('the Share dialog', () => {
  const built = builtPage();

  it('saves a report that opens from the disk with the same run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meshsim-share-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { page, digest, complaints, context } = await built.open('?example=canary');
    const headline = await page.locator('h1').textContent();
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const row = page.locator('dialog[open]').getByText('HTML report', { exact: true });
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      row.locator('xpath=ancestor::*[.//button][1]').getByRole('button').first().click(),
    ]);
    const file = join(folder, 'report.html');
    await saved.saveAs(file);
    expect(complaints).toEqual([]);
    await context.close();

    const opened = await watchedPage(built.browser, 'file://');
    await opened.page.goto(pathToFileURL(file).href);
    await opened.page.waitForSelector(`code[data-digest="${digest}"]`);
    await expect.poll(() => opened.page.locator('h1').textContent()).toBe(headline);
    expect(opened.complaints).toEqual([]);
    await opened.context.close();
  });

  it('shares the stretch that fills the charts, their axis, and from when on something fails', async () => {
    const { page, complaints, context } = await built.open('?example=canary');
    const ticksNow = () => page.locator('#p-charts .ruler text').allTextContents();
    const whole = await ticksNow();
    await page.locator('.lanes').focus();
    await page.keyboard.press('+');
    await expect.poll(ticksNow).not.toEqual(whole);
    await page.locator('[data-lane=latency]').getByRole('button', { name: 'log' }).click();
    await page.locator('#p-graph .menu summary').click();
    await page.getByLabel('5xx failing from').fill('99');
    await page.keyboard.press('Tab');
    await page.locator('#p-graph .menu summary').click();
    const ticks = await ticksNow();
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const field = page.getByLabel('Link', { exact: true });
    await expect.poll(() => field.inputValue()).toContain('#v1.');
    const link = await field.inputValue();
    expect(complaints).toEqual([]);
    await context.close();

    const second = await built.fresh();
    await second.page.goto(link);
    await second.page.waitForSelector('[data-status=finished]');
    await expect
      .poll(() => second.page.locator('#p-charts .ruler text').allTextContents())
      .toEqual(ticks);
    const isLog = second.page.locator('[data-lane=latency]').getByRole('button', { name: 'log' });
    await expect.poll(() => isLog.getAttribute('aria-pressed')).toBe('false');
    await second.page.locator('#p-graph .menu summary').click();
    await expect.poll(() => second.page.getByLabel('5xx failing from').inputValue()).toBe('99');
    expect(second.complaints).toEqual([]);
    await second.context.close();
  });
});
