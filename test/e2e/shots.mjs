import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { serveSite } from './static-site.mjs';

/** Pictures of every screen, in both themes, wide and on a phone, into `shots/`. */

const SIZES = {
  wide: { width: 1440, height: 900 },
  laptop: { width: 1280, height: 720 },
  tablet: { width: 1000, height: 760 },
  phone: { width: 390, height: 844 },
};
const wanted = process.argv.slice(2);

mkdirSync('shots', { recursive: true });
const site = await serveSite();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
for (const theme of ['light', 'dark'])
  for (const [size, viewport] of Object.entries(SIZES)) {
    const context = await browser.newContext({ viewport, colorScheme: theme });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(`${size} ${theme}: ${message.text()}`);
    });
    page.on('pageerror', (error) => console.error(`${size} ${theme}: ${error.stack}`));
    const shot = async (name) => {
      const file = `${name}-${size}-${theme}`;
      await page.waitForTimeout(150);
      if (wanted.length > 0 && !wanted.some((part) => file.includes(part))) return;
      await page.screenshot({ path: `shots/${file}.png`, fullPage: size === 'phone' });
    };
    const open = async (query) => {
      await page.goto(`${site.url}${query}`);
      await page.waitForSelector('[data-status=finished]');
      await page.waitForSelector('.knob, .page[data-embed]', { state: 'attached' });
      await page.getByText('The run is traced again').waitFor({ state: 'detached' });
      await page.waitForTimeout(500);
    };
    await open('');
    await shot('page');
    if (size === 'phone') {
      for (const tab of ['Charts', 'Requests', 'YAML']) {
        await page.getByRole('navigation').getByRole('button', { name: tab }).click();
        await shot(`page-${tab.toLowerCase()}`);
      }
    }
    await open('?example=bookinfo');
    await shot('bookinfo');
    await page.locator('.bar .title').click();
    await shot('gallery');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Share' }).first().click();
    await shot('share');
    await page.keyboard.press('Escape');
    await open('?example=outlier-why-not-ejected');
    await shot('ejections');
    if (size === 'phone') {
      await page.getByRole('navigation').getByRole('button', { name: 'Requests' }).click();
      await shot('ejections-requests');
    }
    await open('?example=tcp-and-tls');
    await shot('tcp');
    if (size === 'wide') {
      await open('?example=retries-and-timeouts');
      await page.getByRole('button', { name: 'Maximise the requests' }).click();
      await shot('waterfall');
      await page.getByRole('button', { name: 'Maximise the requests' }).click();
      await page.getByRole('button', { name: 'Choose charts' }).click();
      for (const name of ['Latency heatmap', 'Attempts per request', 'Queue per pod'])
        await page.getByLabel(name, { exact: true }).check();
      await page.keyboard.press('Escape');
      await page.locator('.lanes').focus();
      for (let times = 0; times < 2; times++) await page.keyboard.press('+');
      await page.locator('[data-lane=heat]').scrollIntoViewIfNeeded();
      await shot('charts-zoomed');
      await page.locator('#p-graph .menu summary').click();
      await shot('graph-menu');
    }
    await open('?example=bookinfo');
    if (size === 'wide' || size === 'laptop') {
      await page.locator('.knob input').first().fill('40');
      await page.waitForSelector('[data-status=finished]');
      await page.waitForTimeout(500);
      await shot('compare');
      await page.getByRole('button', { name: 'Keys and help' }).click();
      await shot('keys');
    }
    await context.close();
  }
await browser.close();
site.close();
