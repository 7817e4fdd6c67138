import type { BackendScript, ScriptedAnswer } from '#world/scripted-backend.ts';
import { headerLines, scriptedResponse } from '#world/scripted-message.ts';
import { sampleLatencyMs } from './backend-latency.ts';
import type {
  BackendAnswer,
  BackendBehaviour,
  BackendCondition,
  CaseEndpoint,
} from './case-file.ts';
import type { BackendLog, BackendRequest } from './case-log.ts';
import { mulberry32 } from './mulberry32.ts';

const RESET_AFTER_MS = 20;

type Received = Parameters<BackendScript['answer']>[0];

/** One endpoint of a case: answers by its behaviour and keeps a log. */
export class CaseBackend implements BackendScript {
  readonly endpoint: CaseEndpoint;
  readonly #requests: BackendRequest[] = [];
  readonly #random: () => number;
  #behaviour: BackendBehaviour;
  #connections = 0;
  #received = 0;
  /** When the load starts. */
  startNs = 0;

  constructor(endpoint: CaseEndpoint) {
    this.endpoint = endpoint;
    this.#behaviour = endpoint.behaviour ?? {};
    this.#random = mulberry32(this.#behaviour.seed ?? 1);
  }

  get connect(): BackendScript['connect'] {
    return this.#behaviour.connect ?? 'accept';
  }

  get log(): BackendLog {
    return {
      endpoint: this.endpoint.id,
      connections: this.#connections,
      requests: this.#requests,
    };
  }

  /** Those from before the load: health checks. Its rules still count them. */
  forgetRequests(): void {
    this.#requests.length = 0;
  }

  /** Changes what it does from now on. */
  setBehaviour(behaviour: BackendBehaviour): void {
    this.#behaviour = { ...this.#behaviour, ...behaviour };
  }

  onConnect(): void {
    this.#connections++;
  }

  answer(exchange: Received, nowNs: number): ScriptedAnswer {
    const atMs = (nowNs - this.startNs) / 1e6;
    this.#received++;
    const headers = receivedHeaders(exchange);
    const answer = this.#answerTo(exchange.request.path, headers, atMs);
    this.#requests.push({
      request: exchange.rootNumber,
      atMs,
      authority: exchange.request.authority,
      path: exchange.request.path,
      headers,
    });
    const delayMs = sampleLatencyMs(answer.latency_ms ?? 0, this.#random);
    const isHead = exchange.request.method === 'HEAD';
    return this.#scripted(isHead ? { ...answer, body: '' } : answer, Math.round(delayMs * 1e6));
  }

  /** The behaviour with the fields of the first rule that holds. */
  #answerTo(path: string, headers: ReadonlyMap<string, string>, atMs: number): BackendAnswer {
    const base = this.#behaviour;
    const rule = base.rules?.find(({ when }) => this.#holds(when ?? {}, path, headers, atMs));
    return rule === undefined ? base : { ...base, ...rule.then };
  }

  #holds(
    when: BackendCondition,
    path: string,
    headers: ReadonlyMap<string, string>,
    atMs: number,
  ): boolean {
    const n = this.#received;
    const attempt = Number(headers.get('x-envoy-attempt-count') ?? 1);
    return (
      (when.first === undefined || n <= when.first) &&
      (when.after === undefined || n > when.after) &&
      (when.every === undefined || n % when.every === 0) &&
      (when.from_s === undefined || atMs >= when.from_s * 1000) &&
      (when.to_s === undefined || atMs < when.to_s * 1000) &&
      (when.path_prefix === undefined || path.startsWith(when.path_prefix)) &&
      (when.header === undefined || headers.get(when.header.name) === when.header.value) &&
      (when.attempt === undefined || attempt === when.attempt) &&
      (when.probability === undefined || this.#random() < when.probability)
    );
  }

  #scripted(answer: BackendAnswer, delayNs: number): ScriptedAnswer {
    switch (answer.action ?? 'respond') {
      case 'hang':
        return { kind: 'hang' };
      case 'close':
        return { kind: 'close', delayNs };
      case 'reset':
      case 'cancel':
        return { kind: 'reset', reason: 'remote-reset', delayNs };
      case 'refused_stream':
        return { kind: 'reset', reason: 'remote-refused-stream', delayNs };
      case 'headers_then_hang':
        return { kind: 'cut', response: this.#response(answer), delayNs, resetAfterNs: -1 };
      case 'headers_then_reset': {
        const resetAfterNs = (answer.body_ms || RESET_AFTER_MS) * 1e6;
        return { kind: 'cut', response: this.#response(answer), delayNs, resetAfterNs };
      }
      case 'respond': {
        const bodyDelayNs = (answer.body_ms ?? 0) * 1e6;
        return { kind: 'respond', response: this.#response(answer), delayNs, bodyDelayNs };
      }
    }
  }

  #response(answer: BackendAnswer) {
    const { id } = this.endpoint;
    const headers = Object.entries(answer.headers ?? {});
    return scriptedResponse(
      answer.status ?? 200,
      [['x-backend', id], ['content-type', 'text/plain'], ...headers],
      answer.body ?? `${id}\n`,
    );
  }
}

/** With those headers that travel beside the map. */
function receivedHeaders(exchange: Received): ReadonlyMap<string, string> {
  const headers = new Map(headerLines(exchange.request.headers));
  headers.set('host', exchange.request.authority);
  if (exchange.attemptCount > 0) {
    headers.set('x-envoy-attempt-count', String(exchange.attemptCount));
  }
  if (exchange.expectedTimeoutMs > 0) {
    headers.set('x-envoy-expected-rq-timeout-ms', String(exchange.expectedTimeoutMs));
  }
  return headers;
}
