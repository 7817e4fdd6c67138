import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { finished, startChromium, type WatchedPage, watchedPage } from './browser.ts';
import { ROOT } from './cli-process.ts';
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
    { timeout: 60_000 },
  );
  return finished(page);
}
