import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, startChromium, watchedPage } from './browser.ts';
import { servedFolder } from './served-folder.ts';
import { finishedAnew } from './web-page.ts';

describe('meshsim serve', () => {
  const served = servedFolder('canary-how-exact');
  const rules = join(served.folder, 'manifests/canary-90-10.yaml');
  let browser: Browser;

  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser?.close());

  it('opens the files of the disk, follows their changes, and writes back only when asked', async () => {
    const { page, complaints, context } = await watchedPage(browser, served.url);
    await page.goto(served.url);
    const first = await finished(page);

    const text = readFileSync(rules, 'utf8');
    writeFileSync(
      rules,
      text.replace('weight: 90', 'weight: 80').replace('weight: 10', 'weight: 20'),
    );
    const followed = await finishedAnew(page, first);
    await expect.poll(() => page.locator('.wt input').inputValue()).toBe('80');

    await page.locator('.wt input').fill('70');
    await finishedAnew(page, followed);
    expect(readFileSync(rules, 'utf8')).toContain('weight: 80');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('button')].every((button) => button.textContent !== 'Save'),
    );
    expect(readFileSync(rules, 'utf8')).toContain('weight: 70');
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('refuses other origins, other names of this computer, and files beside the scenario', async () => {
    const project = new URL('local/project', served.url);
    const statusOf = async (target: URL, init: RequestInit) => (await fetch(target, init)).status;
    const origin = 'https://elsewhere.example';
    expect(await statusOf(project, { headers: { origin } })).toBe(403);
    expect(await statusOf(project, { headers: { 'sec-fetch-site': 'cross-site' } })).toBe(403);
    const outside = new URL('local/file?path=../outside.yaml', served.url);
    const headers = { 'x-meshsim': 'save' };
    expect(await statusOf(outside, { method: 'PUT', body: 'a', headers })).toBe(403);
    const inside = new URL('local/file?path=scenario.yaml', served.url);
    expect(await statusOf(inside, { method: 'PUT', body: 'a' })).toBe(403);
    expect(await statusOf(new URL('../../package.json', served.url), {})).toBe(404);
  });
});
