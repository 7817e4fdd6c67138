import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { NodeFiles } from '../../src/cli/node-files.ts';
import { readProject } from '../../src/cli/read-project.ts';
import { finished, startChromium, type WatchedPage, watchedPage } from './browser.ts';
import { ROOT } from './cli-process.ts';
import { scenarioPath } from './digest-in-node.ts';
import { serveSite } from './static-site.mjs';

/** Where `npm run build:web` leaves the page; the e2e suite builds it first. */
export const SITE = join(ROOT, 'dist-web');

export const EXAMPLES = readdirSync(join(ROOT, 'scenarios')).filter((name) =>
  statSync(join(ROOT, 'scenarios', name, 'scenario.yaml'), { throwIfNoEntry: false }),
);

export interface OpenPage extends WatchedPage {
  readonly digest: string;
}

/** The built page on a server of its own, in one Chromium for all tests of a file. */
export class BuiltPage {
  #browser: Browser | undefined;
  #site: Awaited<ReturnType<typeof serveSite>> | undefined;

  get url(): string {
    return this.#site!.url;
  }

  get browser(): Browser {
    return this.#browser!;
  }

  async start(): Promise<void> {
    if (!existsSync(join(SITE, 'index.html')))
      throw new Error('the page is not built: npm run build:web');
    this.#site = await serveSite();
    this.#browser = await startChromium();
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    this.#site?.close();
  }

  /** A fresh profile; nothing is opened yet. */
  fresh(options: BrowserContextOptions = {}): Promise<WatchedPage> {
    return watchedPage(this.browser, new URL(this.url).origin, options);
  }

  /** Opens an address of the page in a fresh profile, and waits for the run that is shown. */
  async open(query: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const watched = await this.fresh(options);
    await watched.page.goto(this.url + query);
    return { ...watched, digest: await finished(watched.page) };
  }
}

/** To be called once in a file of tests. */
export function builtPage(): BuiltPage {
  const built = new BuiltPage();
  beforeAll(() => built.start());
  afterAll(() => built.stop());
  return built;
}

/** A figure for people to read. */
export function say(figure: string): void {
  process.stdout.write(`web: ${figure}\n`);
}

/** Another run than that of this digest is over and shown. */
export async function finishedAnew(page: Page, former: string): Promise<string> {
  await page.waitForFunction(
    (old) =>
      document.querySelector('[data-status=finished]') !== null &&
      (document.querySelector('code[data-digest]')?.getAttribute('data-digest') ?? old) !== old,
    former,
  );
  return finished(page);
}

/** Where something stands once it stands still: a box that is read while a panel settles is a box that was. */
export async function steadyBox(locator: Locator): Promise<Box> {
  await locator.waitFor();
  const framesAlike = (element: Element) =>
    new Promise<Box>((resolve) => {
      const boxOf = () => {
        const { x, y, width, height } = element.getBoundingClientRect();
        return { x, y, width, height };
      };
      let former = boxOf();
      let alike = 0;
      const look = () => {
        const box = boxOf();
        const isSame = Object.entries(box).every(([side, px]) => former[side as keyof Box] === px);
        alike = isSame ? alike + 1 : 0;
        former = box;
        if (alike >= 10) resolve(box);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
  return locator.evaluate(framesAlike);
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Drops one filter after the other, each gone before the next is asked for. */
export async function dropFilters(page: Page): Promise<void> {
  const chips = page.locator('#p-req .chip');
  for (let left = await chips.count(); left > 0; left = await chips.count()) {
    await page.keyboard.press('Escape');
    await expect.poll(() => chips.count()).toBeLessThan(left);
  }
}

/** A link that holds this, as the Share dialog writes it. */
export function linkTo(content: unknown): string {
  return `#v1.${deflateRawSync(JSON.stringify(content)).toString('base64url')}`;
}

/** Days of Bookinfo: nobody waits for its end. */
export function endlessRun(): string {
  const { files } = readProject(scenarioPath('bookinfo'), new NodeFiles());
  const scenario = files['scenario.yaml']!.replace(/^duration:.*$/m, 'duration: 500000s');
  return linkTo({
    project: { scenario: 'scenario.yaml', files: { ...files, 'scenario.yaml': scenario } },
  });
}
