import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** The real Chromium of the machine. */
export async function startChromium(): Promise<Browser> {
  const executablePath = PLACES.find((place) => place !== undefined && existsSync(place));
  if (executablePath === undefined) throw new Error('no chromium here: apt-get install chromium');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

/** How long is waited for what must come: machines differ, and are shared. */
export const PATIENCE_MS = 120_000;

/** A page in a fresh profile that notes everything it should not do. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors on the console and requests to other origins. */
  readonly complaints: string[];
}

export async function watchedPage(
  browser: Browser,
  origin: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error.stack)));
  page.on('request', (request) => {
    const url = request.url();
    const isOurs = url.startsWith(origin) || /^(data|blob):/.test(url);
    if (!isOurs) complaints.push(`request to ${url}`);
  });
  return { page, context, complaints };
}

/** The run that is shown is over, and its digest is there. Says what the page says if it did not run. */
export async function finished(page: Page): Promise<string> {
  const ended = page.locator('[data-status=finished],[data-status=broken],[data-status=invalid]');
  await ended.waitFor();
  const status = await ended.getAttribute('data-status');
  if (status !== 'finished')
    throw new Error(`the page is ${status}: ${await page.locator('h1').textContent()}`);
  const digest = page.locator('code[data-digest]');
  return (await digest.getAttribute('data-digest')) ?? '';
}
