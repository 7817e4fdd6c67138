import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import type { CaseAction, CaseEndpoint, EnvoyCase } from '#scenario/envoy-case/case-file.ts';
import { Backend } from './backend.ts';
import { edsFile, loadAssignmentOf } from './bootstrap.ts';
import { driveLoad } from './load-driver.ts';
import type { RawRun } from './read-logs.ts';

/** One case around a real Envoy: its backends, what EDS says of them, its load. */
export class CaseInPlay {
  readonly #kase: EnvoyCase;
  readonly #folder: string;
  readonly #port: number;
  readonly #backends = new Map<string, Backend>();
  readonly #members = new Map<string, readonly string[]>();
  readonly #health = new Map<string, string>();
  #zeroMs = performance.now();
  #version = 0;

  /** `port`: where Envoy listens for this case. */
  constructor(kase: EnvoyCase, folder: string, port: number) {
    this.#kase = kase;
    this.#folder = folder;
    this.#port = port;
    for (const cluster of kase.clusters) {
      if (cluster.initial_members !== undefined) {
        this.#members.set(cluster.name, cluster.initial_members);
      }
      for (const endpoint of cluster.endpoints ?? []) {
        this.#backends.set(endpoint.id, new Backend(endpoint, () => this.#clock()));
      }
    }
  }

  get backends(): readonly Backend[] {
    return [...this.#backends.values()];
  }

  /** Before Envoy starts: its backends listen, its files are there. */
  async prepare(): Promise<void> {
    for (const backend of this.#backends.values()) await backend.start();
    for (const { name, eds } of this.#kase.clusters) if (eds === true) this.#writeEds(name);
  }

  /** Sends the load. */
  async play(): Promise<Pick<RawRun, 'startedAtMs' | 'sent'>> {
    this.#zeroMs = performance.now();
    const startedAtMs = Date.now();
    for (const backend of this.#backends.values()) backend.forgetRequests();
    const steps = (this.#kase.timeline ?? []).map((step) =>
      setTimeout(() => this.#act(step), step.at_s * 1000),
    );
    const sent = await driveLoad(this.#kase.load, {
      port: this.#port,
      clock: () => this.#clock(),
      act: (action) => this.#act(action),
    });
    steps.forEach(clearTimeout);
    return { startedAtMs, sent };
  }

  async stop(): Promise<void> {
    for (const backend of this.#backends.values()) await backend.stop();
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
}
