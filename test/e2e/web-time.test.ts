import { describe, expect, it } from 'vitest';
import { builtPage, dropFilters, steadyBox } from './web-page.ts';

describe('the cursor', () => {
  const built = builtPage();

  it('goes through everything at once, by keys and by the ruler', async () => {
    const { page, complaints, context } = await built.open('?example=canary');
    const clock = page.locator('.clk');
    await page.locator('#p-charts .ruler').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => clock.textContent()).toBe('0.0');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => clock.textContent()).toBe('11.0');
    const box = await steadyBox(page.locator('#p-charts .ruler'));
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await expect.poll(async () => Number(await clock.textContent())).toBeGreaterThan(11);
    await expect.poll(async () => Number(await clock.textContent())).toBeLessThan(30);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('plays to the end, and steps from event to event', async () => {
    const { page, complaints, context } = await built.open('?example=rolling-update');
    const clock = page.locator('.clk');
    await page.locator('#p-charts .ruler').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => clock.textContent()).toBe('0.0');
    const seen = ['0.0'];
    for (let step = 0; step < 3; step++) {
      await page.keyboard.press('.');
      await expect.poll(() => clock.textContent()).not.toBe(seen.at(-1));
      seen.push((await clock.textContent()) ?? '');
    }
    expect(seen.map(Number)).toEqual([...seen.map(Number)].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(4);
    for (let speed = 0; speed < 4; speed++) await page.keyboard.press(']');
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await page.waitForFunction(() => document.querySelector('[aria-label=Pause]') === null);
    const end = /\d+/.exec((await page.locator('.clock small').textContent()) ?? '')?.[0];
    await page.waitForFunction(
      (wanted) => Math.round(Number(document.querySelector('.clk')?.textContent)) === wanted,
      Number(end),
    );
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('is at the worst moment when a run is over', async () => {
    const { page, complaints, context } = await built.open('');
    await expect
      .poll(async () => Number(await page.locator('.clk').textContent()))
      .toBeGreaterThan(10);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe('what is selected', () => {
  const built = builtPage();

  it('filters the requests; Escape takes the last part of it away', async () => {
    const { page, complaints, context } = await built.open('?example=canary');
    const rows = page.locator('#p-req tr.row');
    await rows.first().waitFor();
    const before = await rows.count();
    await page.locator('.nd[data-node$="catalog-v1"]').press('Enter');
    await page.waitForFunction(
      (count) => document.querySelectorAll('#p-req tr.row').length !== count,
      before,
    );
    await expect
      .poll(async () => {
        const versions = await rows.locator('td:nth-child(4)').allTextContents();
        return versions.every((text) => text.includes('v1'));
      })
      .toBe(true);
    await dropFilters(page);
    await expect.poll(() => rows.count()).toBeGreaterThanOrEqual(before);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
