import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { busyFactor } from './busy.ts';
import { builtPage, say } from './web-page.ts';

const SERVICES = 1000;
const CLIENTS = 20;
/** A task that takes longer is felt. */
const FELT_MS = 50;

describe('a thousand services and a hundred thousand requests', () => {
  const built = builtPage();

  it('leave the page at hand while they run; what playing them costs is printed', {
    timeout: 900_000,
  }, async () => {
    const link = `#v1.${deflateRawSync(JSON.stringify({ project: largeMesh() })).toString('base64url')}`;
    const shares: number[] = [];
    for (let attempt = 0; attempt < 3 && (shares.at(-1) ?? 0) < 0.99; attempt++) {
      const busy = busyFactor();
      const { page, complaints, context } = await built.fresh();
      await page.addInitScript(noteTasks);
      await page.goto(built.url + link);
      await page.waitForSelector('[data-status=finished]', { timeout: 240_000 });
      const run = await page.evaluate(readTasks);
      await page.locator('#p-charts .ruler').focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('Space');
      await page.waitForFunction(() => Number(document.querySelector('.clk')?.textContent) > 20);
      const played = await page.evaluate(readTasks);
      const limitMs = FELT_MS * Math.max(busy, busyFactor());
      const [ofRun, ofPlay] = [run, played].map((delays) => shareBelow(delays, limitMs));
      say(
        `1,000 services, 100 k requests: ${percent(ofRun!)} of ${run.length} tasks short while running, ` +
          `${percent(ofPlay!)} of ${played.length} while playing (limit ${limitMs.toFixed(0)} ms)`,
      );
      shares.push(ofRun!);
      expect(complaints).toEqual([]);
      await context.close();
    }
    expect(Math.max(...shares)).toBeGreaterThanOrEqual(0.99);
  });
});

function largeMesh() {
  const manifests = Array.from(
    { length: SERVICES },
    (_, index) => `apiVersion: v1
kind: Service
metadata: { name: s${index} }
spec: { selector: { app: s${index} }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: s${index} }
spec:
  replicas: 1
  selector: { matchLabels: { app: s${index} } }
  template: { metadata: { labels: { app: s${index} } }, spec: { containers: [{ name: a, image: a }] } }
`,
  );
  const each = SERVICES / CLIENTS;
  const clients = Array.from({ length: CLIENTS }, (_, client) => {
    const targets = Array.from({ length: each }, (__, k) => (client * each + k + each) % SERVICES);
    const requests = targets.map((k) => `      - { request: GET http://s${k}/, weight: 1 }`);
    return [
      `  c${client}:`,
      `    from: s${client}`,
      '    requests:',
      ...requests,
      '    load: { rate: 100/s }',
    ];
  });
  const scenario = [
    'title: A thousand services',
    'duration: 50s',
    'mesh: [mesh.yaml]',
    'workloads: { "*": { latency: 5ms, errors: { 500: 1% } } }',
    'clients:',
    ...clients.flat(),
    '',
  ].join('\n');
  const files = { 'scenario.yaml': scenario, 'mesh.yaml': manifests.join('---\n') };
  return { scenario: 'scenario.yaml', files };
}

declare global {
  var taskDelays: number[];
}

/** In the page, before anything else: how long what comes every few milliseconds has to wait for its turn. */
function noteTasks(): void {
  globalThis.taskDelays = [];
  let dueMs = performance.now();
  const tick = () => {
    const nowMs = performance.now();
    globalThis.taskDelays.push(nowMs - dueMs);
    dueMs = nowMs + 4;
    setTimeout(tick, 4);
  };
  tick();
}

/** In the page: what was noted since it was last read. */
function readTasks(): number[] {
  return globalThis.taskDelays.splice(0);
}

function shareBelow(delays: readonly number[], limitMs: number): number {
  return delays.filter((delayMs) => delayMs < limitMs).length / Math.max(1, delays.length);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
