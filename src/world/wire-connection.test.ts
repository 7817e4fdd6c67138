import { describe, expect, it } from 'vitest';
import type {
  ConnectionOwner,
  ConnectOptions,
  Exchange,
  ResponseReceiver,
  ServerHandler,
} from '#envoy/network.ts';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { SimulatedNetwork } from './network.ts';
import type { NetworkPath } from './network-path.ts';
import { scriptedRequest, scriptedResponse } from './scripted-message.ts';

const REQUEST = scriptedRequest({
  method: 'GET',
  path: '/',
  authority: 'a',
  headers: [],
  bodyBytes: 0,
});
const OK = scriptedResponse(200, [], '');
const KEY = { rootNumber: 1, streamHash: 0, callPathHash: 0, attempt: 1 };

/** Both ends of one connection, writing down what they hear. */
class Bench implements ConnectionOwner, ResponseReceiver, ServerHandler {
  readonly dispatcher = new Dispatcher();
  path: NetworkPath = { requestNs: 10, responseNs: 10 };
  readonly network = new SimulatedNetwork(this.dispatcher, { pathBetween: () => this.path });
  readonly heard: string[] = [];
  readonly atServer: Exchange[] = [];

  connect(protocol: ConnectOptions['protocol'] = 'h2') {
    this.network.listen('10.0.0.1:80', { accept: () => this });
    const options: ConnectOptions = {
      protocol,
      tls: undefined,
      sourceAddress: '10.0.0.2',
      originalDestination: '10.0.0.1:80',
      workerKey: 0,
      sourceProxy: -1,
    };
    const connection = this.network.connect('10.0.0.1:80', options, this);
    this.dispatcher.runUntil(20);
    return connection;
  }

  #note(what: string, nowNs: number): void {
    this.heard.push(`${nowNs} ${what}`);
  }

  onConnected(_connection: unknown, nowNs: number): void {
    this.#note('connected', nowNs);
  }
  onConnectFailure(_connection: unknown, failure: string, nowNs: number): void {
    this.#note(failure, nowNs);
  }
  onRemoteClose(_connection: unknown, nowNs: number): void {
    this.#note('remote close', nowNs);
  }
  onGoAway(_connection: unknown, nowNs: number): void {
    this.#note('go away', nowNs);
  }
  onResponseHeaders(_exchange: Exchange, _response: unknown, end: boolean, nowNs: number): void {
    this.#note(end ? 'response' : 'headers', nowNs);
  }
  onResponseEnd(_exchange: Exchange, nowNs: number): void {
    this.#note('end', nowNs);
  }
  onResponseReset(_exchange: Exchange, reason: string, nowNs: number): void {
    this.#note(reason, nowNs);
  }
  onRequest(exchange: Exchange, nowNs: number): void {
    this.atServer.push(exchange);
    this.#note('request', nowNs);
  }
  onRequestReset(_exchange: Exchange, nowNs: number): void {
    this.#note('request reset', nowNs);
  }
  onClientClose(_connection: unknown, nowNs: number): void {
    this.#note('client close', nowNs);
  }
}

describe('a connection', () => {
  it('takes one round trip to open and one way for each message', () => {
    const bench = new Bench();
    const connection = bench.connect();
    connection.send(connection.newExchange(REQUEST, bench, KEY, 1));
    bench.dispatcher.runUntil(40);
    bench.atServer[0]!.server.respond(bench.atServer[0]!, OK, true);
    bench.dispatcher.runUntil(60);
    expect(bench.heard).toEqual(['20 connected', '30 request', '50 response']);
  });

  it('delivers in order when the latency falls under way', () => {
    const bench = new Bench();
    let extraNs = 0;
    bench.path = { requestNs: 10, responseNs: 10, extraNs: () => extraNs };
    const connection = bench.connect();
    extraNs = 9;
    connection.send(connection.newExchange(REQUEST, bench, KEY, 1));
    extraNs = 0;
    connection.close();
    bench.dispatcher.runUntil(60);
    expect(bench.heard.slice(1)).toEqual(['39 request', '39 request reset', '39 client close']);
  });

  it('tells a client nothing more of a stream that it reset, though the answer was under way', () => {
    const bench = new Bench();
    const connection = bench.connect();
    const exchange = connection.newExchange(REQUEST, bench, KEY, 1);
    connection.send(exchange);
    bench.dispatcher.runUntil(30);
    bench.atServer[0]!.server.respond(bench.atServer[0]!, OK, true);
    bench.dispatcher.runUntil(35);
    connection.resetStream(exchange);
    bench.dispatcher.runUntil(60);
    expect(bench.heard.slice(1)).toEqual(['30 request']);
  });

  it('ends a cut HTTP/1.1 body as a protocol error, an unanswered request as a termination', () => {
    for (const [answers, reason] of [
      [true, 'protocol-error'],
      [false, 'connection-termination'],
    ] as const) {
      const bench = new Bench();
      const connection = bench.connect('http/1.1');
      connection.send(connection.newExchange(REQUEST, bench, KEY, 1));
      bench.dispatcher.runUntil(30);
      const [exchange] = bench.atServer;
      if (answers) exchange!.server.respond(exchange!, OK, false);
      exchange!.server.hangUp();
      bench.dispatcher.runUntil(60);
      expect(bench.heard.at(-2)).toBe(`40 ${reason}`);
      expect(bench.heard.at(-1)).toBe('40 remote close');
    }
  });

  it('to an address where nobody listens is refused', () => {
    const bench = new Bench();
    bench.network.connect(
      '10.0.0.9:80',
      {
        protocol: 'http/1.1',
        tls: undefined,
        sourceAddress: '10.0.0.2',
        originalDestination: '10.0.0.9:80',
        workerKey: 0,
        sourceProxy: -1,
      },
      bench,
    );
    bench.dispatcher.runUntil(60);
    expect(bench.heard).toEqual(['20 connection-refused']);
  });
});
