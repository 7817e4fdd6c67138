import { randomStream } from '#kernel/random.ts';
import { LoneProxy } from '#mesh/lone-proxy.ts';
import { StreamLog } from '#mesh/stream-log.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import { ScriptedBackend } from '#world/scripted-backend.ts';
import { type ClientOutcome, ScriptedClient } from '#world/scripted-client.ts';
import { headerLines, scriptedRequest } from '#world/scripted-message.ts';
import { CaseBackend } from './case-backend.ts';
import { caseAssignment, caseCluster, caseListener, localClusterName } from './case-config.ts';
import type { CaseAction, CaseCluster, EnvoyCase, RequestTemplate } from './case-file.ts';
import { after, type LoadClient, type LoadWorld, runLoads } from './case-load.ts';
import type { AccessLogEntry, CaseLog, LoggedOutlierEvent, LoggedRequest } from './case-log.ts';
import { CaseProcess } from './case-process.ts';
import { type Measures, measure } from './measure.ts';

/** On one machine: what a hop over the loopback interface takes, one way. */
const HOP_NS = 150_000;
const DEFAULT_SETTLE_MS = 50;
/** From the process's start until it is ready, at the least. */
const BOOT_MS = 40;
const MINIMUM_BEFORE_LOAD_MS = 60;
const BEFORE_READING_MS = 120;
const CLIENT_TIMEOUT_MS = 30_000;
const FIRST_CLIENT_PORT = 40_000;

/** Runs a case once, in virtual time, and measures it. */
export function runEnvoyCase(kase: EnvoyCase, seed: number): Measures {
  return measure(kase, new CaseRun(kase, seed).run());
}

/** Why an Envoy would not start with the case's routes; nothing when it would. */
export function caseProblems(kase: EnvoyCase): readonly string[] {
  return new CaseRun(kase, 1).routeProblems;
}

/** What a client saw of a request so far; an index into the requests is its root number. */
interface RequestRecord {
  readonly template: RequestTemplate;
  readonly key: string | undefined;
  readonly sentNs: number;
  endNs: number;
  outcome: ClientOutcome | undefined;
}

class CaseRun implements LoadWorld {
  readonly #kase: EnvoyCase;
  readonly scheduler: CaseProcess;
  readonly #lone: LoneProxy;
  readonly #backends: readonly CaseBackend[];
  readonly #requests: RequestRecord[] = [];
  readonly #access = new Map<number, AccessLogEntry>();
  /** Attempts that had a host, by root number. */
  readonly #tried = new Map<number, { number: number; address: string; cluster: string }[]>();
  readonly #outlierEvents: LoggedOutlierEvent[] = [];
  readonly #members = new Map<string, readonly string[]>();
  readonly #health = new Map<string, string>();
  #clientCount = 0;
  #startNs = 0;

  constructor(kase: EnvoyCase, seed: number) {
    this.#kase = kase;
    this.#backends = kase.clusters.flatMap((it) =>
      (it.endpoints ?? []).map((endpoint) => new CaseBackend(endpoint)),
    );
    this.#lone = new LoneProxy({
      seed,
      workerCount: kase.envoy_concurrency ?? 1,
      latencyNs: HOP_NS,
      clusters: kase.clusters.map(caseCluster),
      listener: caseListener(kase),
      locality: kase.node?.['locality'],
      localClusterName: localClusterName(kase),
      observer: this.#observer(),
    });
    const { network, dispatcher } = this.#lone;
    this.scheduler = new CaseProcess(dispatcher, randomStream(seed, 'case/timers'));
    for (const backend of this.#backends) {
      network.listen(backend.endpoint.address, new ScriptedBackend(this.scheduler, backend));
    }
    for (const cluster of kase.clusters) {
      if (cluster.initial_members) this.#members.set(cluster.name, cluster.initial_members);
      for (const { id, health_status } of cluster.endpoints ?? []) {
        if (health_status !== undefined) this.#health.set(id, health_status);
      }
      this.#setEndpoints(cluster);
    }
  }

  get nowMs(): number {
    return this.#lone.dispatcher.nowNs / 1e6;
  }

  get routeProblems(): readonly string[] {
    return this.#lone.routeProblems;
  }

  run(): CaseLog {
    const { dispatcher } = this.#lone;
    this.#lone.boot();
    while (!this.#lone.proxy.isReady && dispatcher.runNext());
    this.#startNs = Math.round(startMs(this.#kase, Math.max(BOOT_MS, this.nowMs)) * 1e6);
    dispatcher.runUntil(this.#startNs);
    for (const backend of this.#backends) {
      backend.startNs = this.#startNs;
      backend.forgetRequests();
    }
    for (const step of this.#kase.timeline ?? []) {
      after(this, step.at_s * 1000, () => this.act(step));
    }
    let isOver = false;
    const { load } = this.#kase;
    runLoads(isList(load) ? load : [load], this, () => {
      isOver = true;
    });
    while (!isOver && dispatcher.runNext());
    const afterMs = (this.#kase.after_ms ?? 0) + BEFORE_READING_MS;
    dispatcher.runUntil(dispatcher.nowNs + afterMs * 1e6);
    return this.#log();
  }

  newClient(): LoadClient {
    const { network, dispatcher, address } = this.#lone;
    const port = FIRST_CLIENT_PORT + this.#clientCount++;
    const clients = new Map<string, ScriptedClient>();
    const clientFrom = (ip: string): ScriptedClient => {
      let client = clients.get(ip);
      if (client === undefined) {
        const options = {
          protocol: 'http/1.1' as const,
          tls: undefined,
          sourceAddress: `${ip}:${port}`,
          originalDestination: address,
          workerKey: port,
          sourceProxy: -1,
        };
        client = new ScriptedClient(network, dispatcher, { address, options });
        clients.set(ip, client);
      }
      return client;
    };
    return {
      send: (template, done) =>
        this.#send(clientFrom(template.source_ip ?? '127.0.0.1'), template, done),
      close: () => {
        for (const client of clients.values()) client.close();
      },
    };
  }

  act(action: CaseAction): void {
    const { set_behaviour, set_members, set_health } = action;
    if (set_behaviour !== undefined) {
      const backend = this.#backends.find(({ endpoint }) => endpoint.id === set_behaviour.endpoint);
      backend?.setBehaviour(set_behaviour.behaviour);
    }
    if (set_members !== undefined) {
      this.#members.set(set_members.cluster, set_members.endpoints);
      this.#push((cluster) => cluster.name === set_members.cluster);
    }
    if (set_health !== undefined) {
      this.#health.set(set_health.endpoint, set_health.health_status);
      this.#push(({ endpoints = [] }) => endpoints.some(({ id }) => id === set_health.endpoint));
    }
  }

  #push(isChanged: (cluster: CaseCluster) => boolean): void {
    for (const cluster of this.#kase.clusters) if (isChanged(cluster)) this.#setEndpoints(cluster);
    this.#lone.push();
  }

  #setEndpoints(cluster: CaseCluster): void {
    const members = this.#members.get(cluster.name);
    const endpoints = (cluster.endpoints ?? []).filter(({ id }) => members?.includes(id) ?? true);
    this.#lone.setEndpoints(caseAssignment(cluster, endpoints, ({ id }) => this.#health.get(id)));
  }

  #send(client: ScriptedClient, template: RequestTemplate, done: () => void): void {
    const number = this.#requests.length;
    const record: RequestRecord = {
      template,
      key: template.key === undefined ? undefined : fill(template.key, number),
      sentNs: this.#lone.dispatcher.nowNs,
      endNs: 0,
      outcome: undefined,
    };
    this.#requests.push(record);
    const key = { rootNumber: number, streamHash: 0, callPathHash: 0, attempt: 1 };
    const timeoutNs = (template.client_timeout_ms ?? CLIENT_TIMEOUT_MS) * 1e6;
    client.send(requestOf(template, number), key, timeoutNs, {
      onOutcome: (outcome, nowNs) => {
        record.outcome = outcome;
        record.endNs = nowNs;
        this.scheduler.onArrival();
        done();
      },
    });
  }

  #observer(): ConstructorParameters<typeof LoneProxy>[0]['observer'] {
    const log = new StreamLog({ epochMs: 0, accessLog: 'text', keepsStreams: false });
    const logger = log.observerOf('envoy');
    return {
      wantsAttempts: true,
      onStreamEnd: (stream) => {
        const { info, key } = stream;
        logger.onStreamEnd(stream);
        this.#access.set(key.rootNumber, {
          flags: flagsText(info.responseFlags),
          details: info.responseCodeDetails || '-',
          attempts: info.attemptCount,
          upstreamHost: info.upstreamHost || undefined,
          cluster: info.upstreamCluster || undefined,
          route: info.routeName || undefined,
          durationMs: Math.trunc((info.endNs - info.startNs) / 1e6),
          line: log.lines.pop()?.trimEnd() ?? '',
        });
      },
      onAttemptEnd: ({ key }, { number, host, cluster }) => {
        if (host === '') return;
        const tried = this.#tried.get(key.rootNumber) ?? [];
        tried.push({ number, address: host, cluster });
        this.#tried.set(key.rootNumber, tried);
      },
      onOutlierEvent: (event) => {
        const isEjection = event.action === 'EJECT';
        this.#outlierEvents.push({
          atSeconds: Math.round((event.atNs - this.#startNs) / 1e6) / 1000,
          endpoint: this.#endpointAt(event.host),
          cluster: event.cluster,
          action: event.action,
          ...(isEjection ? { type: event.type, enforced: event.isEnforced } : {}),
          ejectionCount: event.ejectionCount,
        });
      },
    };
  }

  #endpointAt(address: string): string {
    const backend = this.#backends.find(({ endpoint }) => endpoint.address === address);
    return backend?.endpoint.id ?? address;
  }

  #log(): CaseLog {
    return {
      requests: this.#requests.map((it, number) => this.#logged(it, number)),
      backends: this.#backends.map((it) => it.log),
      outlierEvents: this.#outlierEvents,
      stats: this.#lone.stats(),
      finalHealth: new Map(
        [...this.#lone.hostHealth()].map(([address, health]) => [
          this.#endpointAt(address),
          health,
        ]),
      ),
    };
  }

  #logged(record: RequestRecord, number: number): LoggedRequest {
    const { template, outcome } = record;
    const response = outcome?.response;
    const headers = new Map(response === undefined ? [] : headerLines(response.headers));
    const serviceTimeMs = outcome?.upstreamServiceTimeMs ?? -1;
    if (response !== undefined && serviceTimeMs >= 0) {
      headers.set('x-envoy-upstream-service-time', String(serviceTimeMs));
    }
    return {
      name: template.name,
      key: record.key,
      sentMs: (record.sentNs - this.#startNs) / 1e6,
      durationMs: (record.endNs - record.sentNs) / 1e6,
      status: response?.status ?? 0,
      headers,
      body: response?.bodyText,
      clientError: outcome?.error,
      // Sessions of bytes are logged without the requests in them.
      access: this.#kase.tcp === undefined ? this.#access.get(number) : undefined,
      tried: (this.#kase.tcp === undefined ? (this.#tried.get(number) ?? []) : [])
        .sort((a, b) => a.number - b.number)
        .map(({ address, cluster }) => ({ address, cluster })),
    };
  }
}

/** When the load starts, the proxy being ready at `readyMs`: at its phase of the clusters' timers, if it has one. */
function startMs({ align, settle_ms }: EnvoyCase, readyMs: number): number {
  if (align === undefined) return readyMs + (settle_ms ?? DEFAULT_SETTLE_MS);
  let atMs = align.phase_s * 1000;
  while (atMs < readyMs - BOOT_MS + MINIMUM_BEFORE_LOAD_MS) atMs += align.interval_s * 1000;
  return atMs;
}

function requestOf(template: RequestTemplate, number: number) {
  const headers = Object.entries(template.headers ?? {}).map(
    ([name, value]) => [name, fill(value, number)] as const,
  );
  return scriptedRequest({
    method: template.method ?? 'GET',
    path: fill(template.path ?? '/', number),
    authority: template.host ?? 'oracle.test',
    headers: [['x-oracle-id', String(number)], ...headers],
    bodyBytes: template.body?.length ?? 0,
  });
}

/** `{i}` and `{i%N}` stand for the request's number. */
function fill(text: string, number: number): string {
  return text.replace(/\{i(?:%(\d+))?\}/g, (_, modulus: string | undefined) =>
    String(modulus === undefined ? number : number % Number(modulus)),
  );
}

function isList<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}
