import { describe, expect, it } from 'vitest';
import { finished } from './browser.ts';
import { digestInNode } from './digest-in-node.ts';
import { builtPage, EXAMPLES } from './web-page.ts';

describe('the page', () => {
  const built = builtPage();

  it('opens every bundled scenario, runs it to the digest of Node and says what came of it', {
    timeout: 900_000,
  }, async () => {
    const { page, complaints, context } = await built.fresh();
    for (const example of EXAMPLES) {
      await page.goto(`${built.url}?example=${example}`);
      const digest = await finished(page);
      expect([example, digest]).toEqual([example, digestInNode(example)]);
      await expect
        .poll(() => page.locator('h1').textContent())
        .toMatch(/\d+ of \d+ requests|wanted/);
      await expect.poll(() => page.locator('.node, .nd').count()).toBeGreaterThan(1);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('lists every scenario in the gallery, with what it teaches, and opens the one that is chosen', async () => {
    const { page, complaints, context } = await built.open('');
    await page.locator('.bar .title').click();
    const cards = page.locator('dialog[open] .card');
    await expect.poll(() => cards.count()).toBe(EXAMPLES.length);
    for (const text of await cards.locator('p').allTextContents())
      expect(text.length).toBeGreaterThan(20);
    await page.getByLabel('Find a scenario').fill('panic');
    await cards.filter({ hasText: 'panic-threshold' }).click();
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(await finished(page)).toBe(digestInNode('panic-threshold'));
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('says so when there is no such scenario', async () => {
    const { page, complaints, context } = await built.fresh();
    await page.goto(`${built.url}?example=<img src=x>`);
    await page.waitForSelector('dialog[open] .card');
    expect(complaints).toEqual([]);
    await context.close();
  });
});
