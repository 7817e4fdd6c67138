import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestInNode } from './digest-in-node.ts';
import { Firefox } from './firefox.ts';
import { serveSite } from './static-site.mjs';
import { EXAMPLES } from './web-page.ts';

describe('the page in Firefox', () => {
  let firefox: Firefox;
  let site: Awaited<ReturnType<typeof serveSite>>;

  beforeAll(async () => {
    site = await serveSite();
    firefox = await Firefox.start();
  });
  afterAll(async () => {
    await firefox?.stop();
    site?.close();
  });

  it('runs every bundled scenario to the digest of Node', { timeout: 900_000 }, async () => {
    for (const example of EXAMPLES) {
      await firefox.open(`${site.url}?example=${example}`);
      const digest = await firefox.evaluate(`(${shownDigest})()`);
      expect([example, digest]).toEqual([example, digestInNode(example)]);
    }
  });
});

/** In the page: the digest, as soon as the run that is shown is over. */
function shownDigest(): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const status = document.querySelector('.page')?.getAttribute('data-status');
      const digest = document.querySelector('code[data-digest]')?.getAttribute('data-digest');
      if (status === 'finished' && digest) resolve(digest);
      else if (status === 'broken' || status === 'invalid')
        reject(new Error(document.querySelector('h1')?.textContent ?? status));
      else setTimeout(look, 50);
    };
    look();
  });
}
