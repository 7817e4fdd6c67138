import { deflateRawSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { readProject } from '../../src/cli/read-project.ts';
import { finished } from './browser.ts';
import { scenarioPath } from './digest-in-node.ts';
import { builtPage, finishedAnew, linkTo, say } from './web-page.ts';

describe('a shared link', () => {
  const built = builtPage();

  it('opens in a fresh profile to the same run, compared, filtered and at the same moment', async () => {
    const first = await built.open('?example=canary');
    await setSeed(first.page, 9);
    const former = await finishedAnew(first.page, first.digest);
    await first.page.locator('.wt input').fill('60');
    const digest = await finishedAnew(first.page, former);
    await first.page.locator('.nd[data-node$="catalog-v1"]').press('Enter');
    await first.page.locator('#p-charts .ruler').focus();
    await first.page.keyboard.press('Home');
    await first.page.keyboard.press('Shift+ArrowRight');
    // Requests are paired after the run: the headline is whole when they are.
    await expect.poll(async () => (await stateOf(first.page)).headline).toContain('newly broken');
    const link = await linkOf(first.page);
    const seen = await stateOf(first.page);
    say(`the link of a compared canary is ${(link.length / 1024).toFixed(1)} KB`);
    expect(seen.headline).toContain('B fails');
    expect(seen.clock).toBe('10.0');
    expect(first.complaints).toEqual([]);
    await first.context.close();

    const second = await built.fresh();
    await second.page.goto(link);
    await second.page.waitForFunction(
      (wanted) =>
        document.querySelector('[data-status=finished]') !== null &&
        document.querySelector('code[data-digest]')?.getAttribute('data-digest') === wanted,
      digest,
    );
    await expect.poll(() => stateOf(second.page)).toEqual(seen);
    expect(second.complaints).toEqual([]);
    await second.context.close();
  });

  it.each([
    ['of a newer version', '#v9.AAAA', 'newer meshsim'],
    ['that is cut off', `${linkTo({ project: 'x'.repeat(99) })}`.slice(0, 20), 'damaged'],
    ['that is garbage', '#v1.!!!!', 'damaged'],
    ['that holds no JSON', `#v1.${raw('hello')}`, 'damaged'],
    ['without a scenario', linkTo({ project: { scenario: 1 } }), 'does not hold a scenario'],
    [
      'with files that are no texts',
      linkTo({ project: { scenario: 'a', files: { a: 1 } } }),
      'not hold',
    ],
    ['that unpacks to a bomb', `#v1.${raw('0'.repeat(300 * 1024 * 1024))}`, 'more than a scenario'],
  ])('%s is refused in words', async (_, fragment, says) => {
    const { page, complaints, context } = await built.fresh();
    await page.goto(built.url + fragment);
    await page.waitForSelector('[data-status=broken]');
    await expect.poll(() => page.locator('h1').textContent()).toContain(says);
    await page.locator('.bar .title').click(); // The page goes on.
    await page.locator('dialog[open] .card').first().click();
    await finished(page);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('of the first version still opens', async () => {
    const project = readProject(scenarioPath('canary-how-exact'), new NodeFiles());
    const { page, context } = await built.open(linkTo({ project, seed: 9, cursorNs: 10e9 }));
    await expect.poll(() => page.getByLabel('Seed').inputValue()).toBe('9');
    await expect.poll(() => page.locator('.clk').textContent()).toBe('10.0');
    await context.close();
  });
});

describe('names that want to be more than text', () => {
  const built = builtPage();

  it.each([
    ['markup', '<img src=x onerror=alert(1)>'],
    ['an element that ends', '</script><script>alert(1)</script>'],
    ['quotes', `"'\`--><svg/onload=alert(1)>`],
    ['300 characters', 'a'.repeat(300)],
    ['right-to-left text', '\u202egnp.exe \u05d0\u05d1\u05d2'],
  ])('are shown as text: %s', async (_, hostile) => {
    const { files } = readProject(scenarioPath('canary-how-exact'), new NodeFiles());
    const name = JSON.stringify(hostile);
    const scenario = files['scenario.yaml']!.replace(/^title:.*$/m, `title: ${name}`)
      .replace(/^ {2}thousand:/m, `  ${name}:`)
      .replace(/name: share of v2 in all/, `name: ${name}`)
      .replaceAll('client="thousand"', 'client!~"ten|hundred"');
    const project = {
      scenario: 'scenario.yaml',
      files: { ...files, 'scenario.yaml': scenario, [`${hostile}.yaml`]: '# nothing\n' },
    };
    const { page, complaints, context } = await built.open(linkTo({ project }));
    await expect.poll(() => page.locator('.bar .title').textContent()).toContain(hostile);
    await expect
      .poll(() => page.locator('[role=tab]').last().getAttribute('title'))
      .toBe(`${hostile}.yaml`);
    await expect.poll(() => page.getByText(hostile).count()).toBeGreaterThan(2);
    await expect.poll(() => page.locator('img, script:not([src]), svg[onload]').count()).toBe(0);
    const { scroll, width } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      width: innerWidth,
    }));
    expect(scroll).toBeLessThanOrEqual(width);
    expect(complaints).toEqual([]);
    await context.close();
  });
});

function raw(text: string): string {
  return deflateRawSync(text).toString('base64url');
}

async function setSeed(page: Page, seed: number): Promise<void> {
  await page.getByLabel('Seed').fill(String(seed));
  await page.keyboard.press('Enter');
}

async function linkOf(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const field = page.getByLabel('Link', { exact: true });
  await page.waitForFunction(() =>
    document.querySelector<HTMLInputElement>('.url input')?.value.includes('#v1.'),
  );
  const link = await field.inputValue();
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog', { state: 'detached' });
  return link;
}

/** What one sees, in a few words. */
async function stateOf(page: Page) {
  return {
    headline: await page.locator('h1').textContent(),
    seed: await page.getByLabel('Seed').inputValue(),
    clock: await page.locator('.clk').textContent(),
    tab: await page.locator('[role=tab][aria-selected=true]').textContent(),
    chosen: await page.locator('.nd[aria-pressed=true]').count(),
    weight: await page.locator('.wt input').inputValue(),
  };
}
