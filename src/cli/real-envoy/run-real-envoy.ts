import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { EnvoyCase } from '#scenario/envoy-case/case-file.ts';
import type { CaseLog } from '#scenario/envoy-case/case-log.ts';
import { ADMIN_PORT, bootstrapOf, listenerPort } from './bootstrap.ts';
import { CaseInPlay } from './case-in-play.ts';
import type { SentRequest } from './load-driver.ts';
import { sleep } from './load-driver.ts';
import { readCaseLog } from './read-logs.ts';

/** The version of the Envoy binary on the PATH, or undefined where there is none. */
export function realEnvoyVersion(): string | undefined {
  const { stdout } = spawnSync('envoy', ['--version'], { encoding: 'utf8' });
  return /version: \w+\/(\d+\.\d+\.\d+)\//.exec(stdout ?? '')?.[1];
}

/**
 * Runs a case on the real Envoy of the PATH: backends, proxy and client on the loopback interface,
 * in real time. Only processes that it started are ended.
 */
export async function runOnRealEnvoy(kase: EnvoyCase): Promise<CaseLog> {
  const [log] = await runTogetherOnRealEnvoy([kase]);
  if (log === undefined) throw new Error('a case that ran has a log');
  return log;
}

/**
 * Runs cases on one process, each at its own listener, one load after the other. Their clusters and
 * addresses must differ; what a process has once (node, runtime, local cluster) is the first case's.
 */
export async function runTogetherOnRealEnvoy(
  cases: readonly EnvoyCase[],
): Promise<readonly CaseLog[]> {
  const run = new RealEnvoyRun(structuredClone(cases));
  try {
    return await run.execute();
  } finally {
    await run.cleanUp();
  }
}

class RealEnvoyRun {
  readonly #cases: readonly EnvoyCase[];
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'meshsim-envoy-'));
  readonly #inPlay: readonly CaseInPlay[];
  #process: ChildProcess | undefined;

  constructor(cases: readonly EnvoyCase[]) {
    this.#cases = cases;
    this.#inPlay = cases.map((it, index) => new CaseInPlay(it, this.#folder, listenerPort(index)));
  }

  async execute(): Promise<readonly CaseLog[]> {
    for (const it of this.#inPlay) await it.prepare();
    await this.#startEnvoy();
    await this.#settle();
    const played: { startedAtMs: number; sent: readonly SentRequest[] }[] = [];
    for (const it of this.#inPlay) played.push(await it.play());
    await sleep(Math.max(...this.#cases.map((it) => it.after_ms ?? 0)) + 120);
    const stats = await adminGet('/stats?usedonly');
    const clusters = await adminGet('/clusters');
    await this.#stopEnvoy();
    return played.map((it, index) => {
      const backends = this.#inPlay[index]?.backends ?? [];
      const isAlone = played.length === 1;
      return readCaseLog({
        folder: this.#folder,
        index,
        isAlone,
        ...it,
        stats,
        clusters,
        backends,
      });
    });
  }

  async cleanUp(): Promise<void> {
    await this.#stopEnvoy();
    for (const it of this.#inPlay) await it.stop();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  async #startEnvoy(): Promise<void> {
    const config = path.join(this.#folder, 'envoy.json');
    fs.writeFileSync(config, JSON.stringify(bootstrapOf(this.#cases, this.#folder)));
    const log = fs.openSync(path.join(this.#folder, 'envoy.log'), 'w');
    const workers = String(this.#cases[0]?.envoy_concurrency ?? 1);
    this.#process = spawn(
      'envoy',
      // biome-ignore format: one option and its value a line.
      ['-c', config, '--concurrency', workers, '--disable-hot-restart', '-l', 'info',
        '--log-format', '%E.%e %l %n %v', '--drain-time-s', '1', '--file-flush-interval-msec', '50'],
      { stdio: ['ignore', log, log] },
    );
    fs.closeSync(log);
    for (let tries = 0; tries < 300; tries++) {
      if (this.#process.exitCode !== null) throw new Error(`envoy ended: ${this.#lastErrors()}`);
      const ready = await adminGet('/ready').catch(() => '');
      if (ready.trim() === 'LIVE') return;
      await sleep(40);
    }
    throw new Error('envoy did not get ready');
  }

  #lastErrors(): string {
    const log = fs.readFileSync(path.join(this.#folder, 'envoy.log'), 'utf8');
    return log
      .split('\n')
      .filter((line) => /error|critical/.test(line))
      .slice(-5)
      .join('\n');
  }

  /** Waits, or until the asked phase of a timer that started with the clusters. */
  async #settle(): Promise<void> {
    const align = this.#cases[0]?.align;
    const startedMs = align === undefined ? undefined : await this.#clustersLoadedAtMs();
    if (align === undefined || startedMs === undefined) {
      return sleep(Math.max(...this.#cases.map((it) => it.settle_ms ?? 50)));
    }
    const nowMs = (): number => performance.timeOrigin + performance.now();
    let targetMs = startedMs + align.phase_s * 1000;
    while (targetMs < nowMs() + 60) targetMs += align.interval_s * 1000;
    await sleep(targetMs - nowMs() - 2);
    while (nowMs() < targetMs); // The last two milliseconds are spun away: timers are too coarse.
  }

  async #clustersLoadedAtMs(): Promise<number | undefined> {
    const log = fs.readFileSync(path.join(this.#folder, 'envoy.log'), 'utf8');
    const stamp = /^(\d+\.\d+) .*loading \d+ cluster/m.exec(log);
    return stamp === null ? undefined : Number(stamp[1]) * 1000;
  }

  async #stopEnvoy(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    for (
      let tries = 0;
      tries < 60 && child.exitCode === null && child.signalCode === null;
      tries++
    ) {
      await sleep(50);
    }
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

function adminGet(route: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: ADMIN_PORT, path: route, agent: false };
    const request = http.get(options, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve(body));
    });
    request.on('error', reject);
    request.setTimeout(3000, () => request.destroy(new Error('timeout')));
  });
}
