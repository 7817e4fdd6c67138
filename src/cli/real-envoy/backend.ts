import { type ChildProcess, spawn } from 'node:child_process';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { sampleLatencyMs } from '#scenario/envoy-case/backend-latency.ts';
import type {
  BackendAnswer,
  BackendBehaviour,
  CaseEndpoint,
} from '#scenario/envoy-case/case-file.ts';
import type { BackendRequest } from '#scenario/envoy-case/case-log.ts';
import { mulberry32 } from '#scenario/envoy-case/mulberry32.ts';

/** Milliseconds since the load's start. */
export type LoadClock = () => number;

type Request = http.IncomingMessage | http2.Http2ServerRequest;
type Response = http.ServerResponse | http2.Http2ServerResponse;

/** Never accepts: connects to it do not complete once its queue is full. */
const BLACKHOLE = `
const server = require('node:net').createServer();
server.listen({ host: process.argv[1], port: Number(process.argv[2]), backlog: 1 }, () => {
  require('node:fs').writeSync(1, 'ready');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

/** One endpoint of a case as a real server on the loopback interface. */
export class Backend {
  readonly endpoint: CaseEndpoint;
  readonly log: BackendRequest[] = [];
  connections = 0;
  #behaviour: BackendBehaviour;
  #received = 0;
  readonly #clock: LoadClock;
  readonly #random: () => number;
  readonly #sockets = new Set<net.Socket>();
  #server: http.Server | http2.Http2Server | undefined;
  #blackhole: ChildProcess | undefined;
  #fill: net.Socket[] = [];

  constructor(endpoint: CaseEndpoint, clock: LoadClock) {
    this.endpoint = endpoint;
    this.#behaviour = endpoint.behaviour ?? {};
    this.#clock = clock;
    this.#random = mulberry32(this.#behaviour.seed ?? 1);
  }

  /** Those from before the load: health checks. Its rules still count them. */
  forgetRequests(): void {
    this.log.length = 0;
  }

  /** Changes what it does from now on. */
  setBehaviour(behaviour: BackendBehaviour): void {
    this.#behaviour = { ...this.#behaviour, ...behaviour };
  }

  async start(): Promise<void> {
    const [host, port] = hostAndPort(this.endpoint.address);
    if (this.#behaviour.connect === 'refuse') return;
    if (this.#behaviour.connect === 'blackhole') return this.#startBlackhole(host, port);
    const server = this.#behaviour.protocol === 'h2c' ? this.#http2Server() : this.#http1Server();
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: 511 }, () => resolve());
    });
  }

  async stop(): Promise<void> {
    for (const socket of this.#fill) socket.destroy();
    this.#blackhole?.kill('SIGKILL');
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #http1Server(): http.Server {
    const server = http.createServer((request, response) => this.#handle(request, response));
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    server.headersTimeout = 0;
    server.on('connection', (socket) => this.#accepted(socket));
    server.on('clientError', (_, socket) => socket.destroy());
    return server;
  }

  #http2Server(): http2.Http2Server {
    const server = http2.createServer((request, response) => {
      request.stream.on('error', () => {});
      this.#handle(request, response);
    });
    server.on('connection', (socket: net.Socket) => this.#accepted(socket));
    server.on('sessionError', () => {});
    return server;
  }

  #accepted(socket: net.Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    socket.setNoDelay(true);
  }

  #handle(request: Request, response: Response): void {
    request.on('error', () => {});
    response.on('error', () => {});
    const atMs = this.#clock();
    this.#received++;
    const answer = this.#answerTo(request, atMs);
    this.log.push(loggedRequest(request, atMs));
    request.resume();
    const delayMs = sampleLatencyMs(answer.latency_ms ?? 0, this.#random);
    if (delayMs > 0) setTimeout(() => this.#act(answer, request, response), delayMs);
    else this.#act(answer, request, response);
  }

  /** The behaviour with the fields of the first rule that holds. */
  #answerTo(request: Request, atMs: number): BackendAnswer {
    const base = this.#behaviour;
    for (const rule of base.rules ?? []) {
      const when = rule.when ?? {};
      const n = this.#received;
      const attempt = Number(request.headers['x-envoy-attempt-count'] ?? 1);
      const holds =
        (when.first === undefined || n <= when.first) &&
        (when.after === undefined || n > when.after) &&
        (when.every === undefined || n % when.every === 0) &&
        (when.from_s === undefined || atMs >= when.from_s * 1000) &&
        (when.to_s === undefined || atMs < when.to_s * 1000) &&
        (when.path_prefix === undefined || (request.url ?? '').startsWith(when.path_prefix)) &&
        (when.header === undefined || request.headers[when.header.name] === when.header.value) &&
        (when.attempt === undefined || attempt === when.attempt) &&
        (when.probability === undefined || this.#random() < when.probability);
      if (holds) return { ...base, ...rule.then };
    }
    return base;
  }

  #act(answer: BackendAnswer, request: Request, response: Response): void {
    const stream = 'stream' in request ? request.stream : undefined;
    switch (answer.action ?? 'respond') {
      case 'hang':
        return;
      case 'reset':
        if (stream === undefined) (request.socket as net.Socket).resetAndDestroy();
        else stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
        return;
      case 'close':
        if (stream === undefined) request.socket.end();
        else stream.session?.destroy();
        return;
      case 'refused_stream':
        stream?.close(http2.constants.NGHTTP2_REFUSED_STREAM);
        return;
      case 'cancel':
        stream?.close(http2.constants.NGHTTP2_CANCEL);
        return;
      case 'headers_then_reset':
      case 'headers_then_hang':
        this.#cutShort(answer, request, response);
        return;
      case 'respond':
        this.#respond(answer, response);
    }
  }

  #cutShort(answer: BackendAnswer, request: Request, response: Response): void {
    const head = { ...this.#headers(answer), 'content-length': 1000 };
    (response as http.ServerResponse).writeHead(answer.status ?? 200, head);
    (response as http.ServerResponse).write(this.#body(answer));
    if (answer.action === 'headers_then_hang') return;
    const stream = 'stream' in request ? request.stream : undefined;
    setTimeout(() => {
      if (stream === undefined) (request.socket as net.Socket).resetAndDestroy();
      else stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    }, answer.body_ms || 20);
  }

  #respond(answer: BackendAnswer, response: Response): void {
    const body = this.#body(answer);
    const headers = { 'content-length': Buffer.byteLength(body), ...this.#headers(answer) };
    try {
      (response as http.ServerResponse).writeHead(answer.status ?? 200, headers);
      if (answer.body_ms === undefined || answer.body_ms === 0) {
        response.end(body);
        return;
      }
      (response as http.ServerResponse).flushHeaders();
      setTimeout(() => response.end(body), answer.body_ms);
    } catch {
      // The stream is already gone.
    }
  }

  #body(answer: BackendAnswer): string {
    return answer.body ?? `${this.endpoint.id}\n`;
  }

  #headers(answer: BackendAnswer): Record<string, string> {
    return { 'x-backend': this.endpoint.id, 'content-type': 'text/plain', ...answer.headers };
  }

  async #startBlackhole(host: string, port: number): Promise<void> {
    const child = spawn(process.execPath, ['-e', BLACKHOLE, host, String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#blackhole = child;
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    for (let filled = 0; filled < 16; filled++) {
      const socket = net.connect({ host, port });
      socket.on('error', () => {});
      this.#fill.push(socket);
      const connected = new Promise<boolean>((resolve) =>
        socket.once('connect', () => resolve(true)),
      );
      const gaveUp = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 250));
      if (!(await Promise.race([connected, gaveUp]))) return;
    }
  }
}

function loggedRequest(request: Request, atMs: number): BackendRequest {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(',') : value);
  }
  return {
    request: Number(headers.get('x-oracle-id') ?? -1),
    atMs,
    authority: headers.get(':authority') ?? headers.get('host') ?? '',
    path: request.url ?? '',
    headers,
  };
}

export function hostAndPort(address: string): [string, number] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon), Number(address.slice(colon + 1))];
}
