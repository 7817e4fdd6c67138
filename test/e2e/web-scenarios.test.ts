import { describe, expect, it } from 'vitest';
import { finished } from './browser.ts';
import { digestInNode } from './digest-in-node.ts';
import { builtPage, EXAMPLES, finishedAnew } from './web-page.ts';

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

  it('makes up a scenario for manifests that have none, as init does', async () => {
    const { page, digest, complaints, context } = await built.open('?example=canary');
    await page.locator('.bar .title').click();
    const buffer = Buffer.from(MANIFESTS);
    const file = { name: 'cart.yaml', mimeType: 'application/yaml', buffer };
    await page.locator('input[type=file]').first().setInputFiles(file);
    await finishedAnew(page, digest);
    await page.locator('h1', { hasText: /^(\d+) of \1 requests succeeded/ }).waitFor();
    await page.getByRole('tab', { name: 'scenario' }).click();
    await page.locator('.cm-line', { hasText: 'GET http://cart:8080/' }).waitFor();
    // It calls itself: that is a loop above it, and what it says stands off it.
    await page.locator('.edge[aria-label^="cart to cart"]').waitFor();
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

const MANIFESTS = `apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ name: http, port: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart, version: v1 } }
    spec: { containers: [{ name: app, image: app, ports: [{ containerPort: 8080 }] }] }
`;
