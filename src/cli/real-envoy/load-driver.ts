import http from 'node:http';
import type { CaseAction, CaseLoad, RequestTemplate } from '#scenario/envoy-case/case-file.ts';
import { mulberry32 } from '#scenario/envoy-case/mulberry32.ts';
import type { LoadClock } from './backend.ts';

/** What the client saw of one request. */
export interface SentRequest {
  readonly name: string | undefined;
  readonly key: string | undefined;
  readonly sentMs: number;
  durationMs: number;
  status: number;
  headers: ReadonlyMap<string, string>;
  body: string | undefined;
  clientError: string | undefined;
}

export interface LoadTarget {
  readonly port: number;
  readonly clock: LoadClock;
  readonly act: (action: CaseAction) => void;
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Sends a case's load, part after part, and gives what came back in the order of sending. */
export async function driveLoad(
  load: CaseLoad | readonly CaseLoad[],
  target: LoadTarget,
): Promise<readonly SentRequest[]> {
  const driver = new LoadDriver(target);
  for (const part of Array.isArray(load) ? load : [load]) await driver.run(part as CaseLoad);
  return driver.sent;
}

class LoadDriver {
  readonly sent: SentRequest[] = [];
  readonly #target: LoadTarget;

  constructor(target: LoadTarget) {
    this.#target = target;
  }

  async run(load: CaseLoad): Promise<void> {
    switch (load.kind) {
      case 'wait':
        return sleep(load.s * 1000);
      case 'action':
        this.#target.act(load);
        return;
      case 'sequential':
        return this.#sequential(load);
      case 'burst':
        return this.#burst(load);
      case 'closed':
        return this.#closed(load);
      case 'open':
        return this.#open(load);
    }
  }

  async #sequential(load: CaseLoad & { kind: 'sequential' }): Promise<void> {
    const templates = templatesOf(load);
    const client = this.#client();
    const count = load.n ?? templates.length;
    for (let k = 0; k < count; k++) {
      await client.send(templates[k % templates.length] ?? {});
      if (load.gap_ms !== undefined) await sleep(load.gap_ms);
    }
    await sleep(30);
    client.close();
  }

  async #burst(load: CaseLoad & { kind: 'burst' }): Promise<void> {
    const templates = templatesOf(load);
    const clients = Array.from({ length: load.n ?? templates.length }, () => this.#client());
    const answers: Promise<void>[] = [];
    for (const [k, client] of clients.entries()) {
      answers.push(client.send(templates[k % templates.length] ?? {}));
      if (load.stagger_ms !== undefined) await sleep(load.stagger_ms);
    }
    await Promise.all(answers);
    await sleep(60);
    for (const client of clients) client.close();
  }

  async #closed(load: CaseLoad & { kind: 'closed' }): Promise<void> {
    const templates = templatesOf(load);
    const user = async (index: number): Promise<void> => {
      if (load.stagger_ms !== undefined) await sleep(load.stagger_ms * index);
      const client = this.#client();
      for (let k = 0; k < load.requests_per_client; k++) {
        await client.send(templates[k % templates.length] ?? {});
        if (load.think_ms !== undefined) await sleep(load.think_ms);
      }
      await sleep(30);
      client.close();
    };
    await Promise.all(Array.from({ length: load.concurrency }, (_, index) => user(index)));
  }

  async #open(load: CaseLoad & { kind: 'open' }): Promise<void> {
    const templates = templatesOf(load);
    const random = mulberry32(load.seed ?? 7);
    const idle: Client[] = [];
    const all: Client[] = [];
    const answers: Promise<void>[] = [];
    const startMs = this.#target.clock();
    let atMs = 0;
    for (let k = 0; atMs < load.duration_s * 1000; k++) {
      const leftMs = startMs + atMs - this.#target.clock();
      if (leftMs > 0.3) await sleep(leftMs);
      const client = idle.pop() ?? this.#client();
      if (!all.includes(client)) all.push(client);
      const answer = client.send(templates[k % templates.length] ?? {});
      answers.push(answer.then(() => void idle.push(client)));
      const mean = 1000 / load.rate_rps;
      atMs += load.arrival === 'poisson' ? -Math.log(1 - random()) * mean : mean;
    }
    await Promise.all(answers);
    await sleep(60);
    for (const client of all) client.close();
  }

  #client(): Client {
    return new Client(this.#target, this.sent);
  }
}

function templatesOf(load: { readonly requests?: readonly RequestTemplate[] }) {
  const templates = load.requests ?? [{ path: '/' }];
  return templates.flatMap((it) => Array.from({ length: it.repeat ?? 1 }, () => it));
}

/** One keep-alive connection of a client. */
class Client {
  readonly #target: LoadTarget;
  readonly #sent: SentRequest[];
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });

  constructor(target: LoadTarget, sent: SentRequest[]) {
    this.#target = target;
    this.#sent = sent;
  }

  /** Resolves when the request is over, however it ended. */
  send(template: RequestTemplate): Promise<void> {
    const index = this.#sent.length;
    const record: SentRequest = {
      name: template.name,
      key: template.key === undefined ? undefined : filled(template.key, index),
      sentMs: this.#target.clock(),
      durationMs: 0,
      status: 0,
      headers: new Map(),
      body: undefined,
      clientError: undefined,
    };
    this.#sent.push(record);
    return new Promise((resolve) => this.#exchange(template, index, record, resolve));
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(template: RequestTemplate, index: number, record: SentRequest, resolve: () => void) {
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      record.durationMs = this.#target.clock() - record.sentMs;
      clearTimeout(timer);
      resolve();
    };
    const request = http.request(this.#options(template, index), (response) =>
      receive(response, record, over),
    );
    const timer = setTimeout(() => {
      record.clientError = 'client-timeout';
      request.destroy();
      over();
    }, template.client_timeout_ms ?? 30_000);
    request.on('error', (error: NodeJS.ErrnoException) => {
      record.clientError ??= error.code ?? error.message;
      over();
    });
    request.setNoDelay(true);
    request.end(template.body);
  }

  #options(template: RequestTemplate, index: number): http.RequestOptions {
    const headers: Record<string, string> = {
      host: template.host ?? 'oracle.test',
      'x-oracle-id': String(index),
    };
    for (const [name, value] of Object.entries(template.headers ?? {})) {
      headers[name] = filled(value, index);
    }
    return {
      host: '127.0.0.1',
      port: this.#target.port,
      method: template.method ?? 'GET',
      path: filled(template.path ?? '/', index),
      headers,
      agent: this.#agent,
      setHost: false,
      ...(template.source_ip === undefined ? {} : { localAddress: template.source_ip }),
    };
  }
}

function receive(response: http.IncomingMessage, record: SentRequest, over: () => void): void {
  record.status = response.statusCode ?? 0;
  const headers = Object.entries(response.headers);
  record.headers = new Map(headers.map(([name, value]) => [name, String(value)]));
  let body = '';
  response.on('data', (chunk) => {
    body += chunk;
  });
  response.on('end', () => {
    record.body = body;
    over();
  });
  response.on('error', (error: NodeJS.ErrnoException) => {
    record.clientError ??= `body:${error.code}`;
    record.body = body;
    over();
  });
  response.on('close', over);
}

/** `{i}` and `{i%N}` stand for the request's number. */
function filled(text: string, index: number): string {
  return text.replace(/\{i(?:%(\d+))?\}/g, (_, modulus?: string) =>
    String(modulus === undefined ? index : index % Number(modulus)),
  );
}
