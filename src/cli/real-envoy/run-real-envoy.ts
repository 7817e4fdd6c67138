import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { CaseAction, CaseEndpoint, EnvoyCase } from '#scenario/envoy-case/case-file.ts';
import type { CaseLog } from '#scenario/envoy-case/case-log.ts';
import { Backend } from './backend.ts';
import { bootstrapOf, type EnvoyPorts, edsFile, loadAssignmentOf } from './bootstrap.ts';
import { driveLoad, sleep } from './load-driver.ts';
import { readCaseLog } from './read-logs.ts';

const PORTS: EnvoyPorts = { listener: 24000, admin: 24001 };

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
  const run = new RealEnvoyRun(structuredClone(kase));
  try {
    return await run.execute();
  } finally {
    await run.cleanUp();
  }
}

class RealEnvoyRun {
  readonly #kase: EnvoyCase;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'meshsim-envoy-'));
  readonly #backends = new Map<string, Backend>();
  readonly #members = new Map<string, readonly string[]>();
  readonly #health = new Map<string, string>();
  #zeroMs = performance.now();
  #process: ChildProcess | undefined;
  #version = 0;

  constructor(kase: EnvoyCase) {
    this.#kase = kase;
    for (const cluster of kase.clusters) {
      if (cluster.initial_members !== undefined) {
        this.#members.set(cluster.name, cluster.initial_members);
      }
      for (const endpoint of cluster.endpoints ?? []) {
        this.#backends.set(endpoint.id, new Backend(endpoint, () => this.#clock()));
      }
    }
  }

  async execute(): Promise<CaseLog> {
    for (const backend of this.#backends.values()) await backend.start();
    for (const cluster of this.#kase.clusters)
      if (cluster.eds === true) this.#writeEds(cluster.name);
    await this.#startEnvoy();
    await this.#settle();
    this.#zeroMs = performance.now();
    const startedAtMs = Date.now();
    for (const backend of this.#backends.values()) backend.log.length = 0;
    const steps = (this.#kase.timeline ?? []).map((step) =>
      setTimeout(() => this.#act(step), step.at_s * 1000),
    );
    const sent = await driveLoad(this.#kase.load, {
      port: PORTS.listener,
      clock: () => this.#clock(),
      act: (action) => this.#act(action),
    });
    steps.forEach(clearTimeout);
    await sleep((this.#kase.after_ms ?? 0) + 120);
    const stats = await adminGet('/stats?usedonly');
    const clusters = await adminGet('/clusters');
    await this.#stopEnvoy();
    const backends = [...this.#backends.values()];
    return readCaseLog({ folder: this.#folder, startedAtMs, sent, stats, clusters, backends });
  }

  async cleanUp(): Promise<void> {
    await this.#stopEnvoy();
    for (const backend of this.#backends.values()) await backend.stop();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }

  #clock(): number {
    return performance.now() - this.#zeroMs;
  }

  #act(action: CaseAction): void {
    if (action.set_behaviour !== undefined) {
      this.#backends
        .get(action.set_behaviour.endpoint)
        ?.setBehaviour(action.set_behaviour.behaviour);
    }
    if (action.set_members !== undefined) {
      this.#members.set(action.set_members.cluster, action.set_members.endpoints);
      this.#writeEds(action.set_members.cluster);
    }
    if (action.set_health !== undefined) {
      const { endpoint, health_status } = action.set_health;
      this.#health.set(endpoint, health_status);
      const owner = this.#kase.clusters.find((it) => it.endpoints?.some((e) => e.id === endpoint));
      if (owner !== undefined) this.#writeEds(owner.name);
    }
  }

  /** Envoy watches the folder for moves: the file is replaced, never rewritten in place. */
  #writeEds(name: string): void {
    const cluster = this.#kase.clusters.find((it) => it.name === name);
    if (cluster === undefined) return;
    const members = this.#members.get(name);
    const endpoints = (cluster.endpoints ?? [])
      .filter((it) => members === undefined || members.includes(it.id))
      .map((it): CaseEndpoint => {
        const health_status = this.#health.get(it.id);
        return health_status === undefined ? it : { ...it, health_status };
      });
    const resource = {
      '@type': 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
      ...loadAssignmentOf(cluster, endpoints),
    };
    const file = path.join(this.#folder, edsFile(name));
    const content = { version_info: String(++this.#version), resources: [resource] };
    fs.writeFileSync(`${file}.tmp`, JSON.stringify(content));
    fs.renameSync(`${file}.tmp`, file);
  }

  async #startEnvoy(): Promise<void> {
    const config = path.join(this.#folder, 'envoy.json');
    fs.writeFileSync(config, JSON.stringify(bootstrapOf(this.#kase, this.#folder, PORTS)));
    const log = fs.openSync(path.join(this.#folder, 'envoy.log'), 'w');
    const workers = String(this.#kase.envoy_concurrency ?? 1);
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
    const align = this.#kase.align;
    const startedMs = align === undefined ? undefined : await this.#clustersLoadedAtMs();
    if (align === undefined || startedMs === undefined) {
      return sleep(this.#kase.settle_ms ?? 50);
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
    const options = { host: '127.0.0.1', port: PORTS.admin, path: route, agent: false };
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
