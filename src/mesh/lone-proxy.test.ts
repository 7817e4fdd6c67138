import { describe, expect, it } from 'vitest';
import { flagsText } from '#telemetry/response-flags.ts';
import type { BackendScript, ScriptedAnswer } from '#world/scripted-backend.ts';
import { ScriptedBackend } from '#world/scripted-backend.ts';
import { type ClientOutcome, ScriptedClient } from '#world/scripted-client.ts';
import { scriptedRequest, scriptedResponse } from '#world/scripted-message.ts';
import { LoneProxy } from './lone-proxy.ts';

const MS = 1e6;
const HCM =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const TCP_PROXY = 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy';

interface Logged {
  readonly flags: string;
  readonly details: string;
  readonly code: number;
  readonly attempts: number;
  readonly host: string;
}

interface BenchOptions {
  readonly clusters?: readonly object[];
  readonly route?: object;
  readonly filter?: object;
  readonly latencyMs?: number;
}

/** One proxy with one route to cluster `a`, and what it logged. */
class Bench {
  readonly log: Logged[] = [];
  readonly lone: LoneProxy;

  constructor({
    clusters = [{ name: 'a' }],
    route = {},
    filter,
    latencyMs = 0,
  }: BenchOptions = {}) {
    const virtual_hosts = [
      {
        name: 'all',
        domains: ['*'],
        routes: [{ match: { prefix: '/' }, route: { cluster: 'a', ...route } }],
      },
    ];
    const manager = { '@type': HCM, stat_prefix: 'in', route_config: { name: 'r', virtual_hosts } };
    this.lone = new LoneProxy({
      seed: 1,
      workerCount: 1,
      latencyNs: latencyMs * MS,
      clusters,
      listener: {
        name: 'in',
        address: { socket_address: { address: '127.0.0.1', port_value: 24000 } },
        filter_chains: [{ filters: [{ name: 'terminal', typed_config: filter ?? manager }] }],
      },
      observer: {
        wantsAttempts: false,
        onStreamEnd: ({ info }) =>
          this.log.push({
            flags: flagsText(info.responseFlags),
            details: info.responseCodeDetails,
            code: info.responseCode,
            attempts: info.attemptCount,
            host: info.upstreamHost,
          }),
        onAttemptEnd() {},
        onOutlierEvent() {},
      },
    });
  }

  /** Endpoints of `a`, each answering as it says. */
  backends(...answers: readonly (ScriptedAnswer | 'refuse')[]): this {
    answers.forEach((answer, index) => {
      const script: BackendScript = {
        connect: answer === 'refuse' ? 'refuse' : 'accept',
        onConnect() {},
        answer: () => (answer === 'refuse' ? { kind: 'hang' } : answer),
      };
      this.lone.network.listen(
        `10.0.0.${index + 1}:80`,
        new ScriptedBackend(this.lone.dispatcher, script),
      );
    });
    this.endpoints(answers.map((_, index) => `10.0.0.${index + 1}`));
    this.lone.boot();
    return this;
  }

  endpoints(addresses: readonly string[]): void {
    this.lone.setEndpoints({
      cluster_name: 'a',
      endpoints: [
        {
          lb_endpoints: addresses.map((address) => ({
            endpoint: { address: { socket_address: { address, port_value: 80 } } },
          })),
        },
      ],
    });
  }

  client(protocol: 'http/1.1' | 'h2' | 'tcp' = 'http/1.1'): ScriptedClient {
    const { network, dispatcher, address } = this.lone;
    return new ScriptedClient(network, dispatcher, {
      address,
      options: {
        protocol,
        tls: undefined,
        sourceAddress: '127.0.0.1:5000',
        originalDestination: address,
        workerKey: 0,
        sourceProxy: -1,
      },
    });
  }

  send(client = this.client(), done: (outcome: ClientOutcome) => void = () => {}): void {
    const request = scriptedRequest({
      method: 'GET',
      path: '/',
      authority: 'a.test',
      headers: [],
      bodyBytes: 0,
    });
    const key = { rootNumber: 1, streamHash: 0, callPathHash: 0, attempt: 1 };
    client.send(request, key, 60_000 * MS, { onOutcome: done });
  }

  run(ms = 10_000): this {
    const { dispatcher } = this.lone;
    dispatcher.runUntil(dispatcher.nowNs + ms * MS);
    return this;
  }

  stat(name: string): number {
    return this.lone.stats().get(name) ?? 0;
  }
}

function answer(status: number, delayMs = 0, body = ''): ScriptedAnswer {
  const response = scriptedResponse(status, [], body);
  return { kind: 'respond', response, delayNs: delayMs * MS, bodyDelayNs: 0 };
}

describe('a request through a proxy', () => {
  it('reaches the host and comes back as via_upstream, with no hop taking any time', () => {
    const bench = new Bench().backends(answer(200));
    let status = 0;
    bench.send(bench.client(), ({ response }) => {
      status = response!.status;
    });
    bench.run();
    expect(status).toBe(200);
    expect(bench.log).toEqual([
      { flags: '-', details: 'via_upstream', code: 200, attempts: 1, host: '10.0.0.1:80' },
    ]);
  });

  it('is answered 503 UH when its cluster has no endpoint', () => {
    const bench = new Bench().backends();
    bench.send();
    expect(bench.run().log[0]).toMatchObject({ code: 503, flags: 'UH', attempts: 1 });
    expect(bench.stat('cluster.a.upstream_cx_none_healthy')).toBe(1);
  });

  it('is answered 504 UT after the route timeout, counted from when it was received', () => {
    const bench = new Bench({ route: { timeout: '0.5s' } }).backends({ kind: 'hang' });
    bench.send();
    expect(bench.run(499).log).toEqual([]);
    expect(bench.run(2).log[0]).toMatchObject({
      code: 504,
      flags: 'UT',
      details: 'response_timeout',
    });
    expect(bench.stat('cluster.a.upstream_cx_destroy_local_with_active_rq')).toBe(1);
  });

  it('is retried on another host and gives its slot back', () => {
    const retry_policy = {
      retry_on: 'connect-failure',
      num_retries: 3,
      retry_host_predicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
      host_selection_retry_max_attempts: 5,
    };
    const bench = new Bench({ route: { retry_policy } }).backends('refuse', answer(200));
    for (let count = 0; count < 4; count++) bench.send();
    bench.run();
    expect(bench.log.map(({ code }) => code)).toEqual([200, 200, 200, 200]);
    expect(bench.stat('cluster.a.upstream_rq_retry')).toBe(2);
    const { retries } = bench.lone.proxy.cluster('a')!.defaultResources;
    expect(retries.current).toBe(0);
  });

  it('leaves when its client does: logged with code 0 and DC, its HTTP/1.1 connection closed', () => {
    const bench = new Bench({ latencyMs: 1 }).backends({ kind: 'hang' });
    const client = bench.client();
    bench.send(client);
    bench.run(100);
    client.close();
    bench.run(100);
    expect(bench.log[0]).toMatchObject({ code: 0, flags: 'DC' });
    expect(bench.stat('cluster.a.upstream_rq_active')).toBe(0);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(0);
  });

  it('finishes on the cluster it started on when that is removed under it', () => {
    const bench = new Bench({ latencyMs: 1 }).backends(answer(200, 1000));
    bench.send();
    bench.run(100);
    bench.lone.proxy.applyConfig({ listeners: [], clusters: [], routes: [], endpoints: [] });
    bench.run();
    expect(bench.log[0]).toMatchObject({ code: 200 });
  });

  it('goes nowhere near an endpoint that was removed, and the pool of that one closes', () => {
    const bench = new Bench({ latencyMs: 1 }).backends(answer(200), answer(200));
    for (let count = 0; count < 2; count++) bench.send();
    bench.run(100);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(2);
    bench.endpoints(['10.0.0.2']);
    bench.lone.push();
    for (let count = 0; count < 4; count++) bench.send();
    bench.run(100);
    expect(bench.log.slice(2).map(({ host }) => host)).toEqual(Array(4).fill('10.0.0.2:80'));
    expect(bench.stat('cluster.a.upstream_cx_destroy_local')).toBe(1);
  });

  it('shares one HTTP/2 connection with others, and a reset leaves that open', () => {
    const clusters = [
      {
        name: 'a',
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
            explicit_http_config: { http2_protocol_options: {} },
          },
        },
      },
    ];
    const bench = new Bench({ clusters, latencyMs: 1 }).backends({
      kind: 'reset',
      reason: 'remote-reset',
      delayNs: MS,
    });
    for (let count = 0; count < 3; count++) bench.send();
    bench.run(100);
    expect(bench.log.map(({ code, flags }) => [code, flags])).toEqual(Array(3).fill([503, 'UR']));
    expect(bench.stat('cluster.a.upstream_cx_http2_total')).toBe(1);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(1);
    expect(bench.stat('cluster.a.upstream_rq_rx_reset')).toBe(3);
  });
});

describe('an idle connection', () => {
  it('closes when the idle timeout has passed since its last stream, not since it was opened', () => {
    const clusters = [{ name: 'a', max_requests_per_connection: 0, ...idleTimeout('10s') }];
    const bench = new Bench({ clusters, latencyMs: 1 }).backends(answer(200));
    const client = bench.client();
    bench.send(client);
    bench.run(8000);
    bench.send(client);
    bench.run(8000);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(1);
    bench.run(2100);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(0);
    expect(bench.stat('cluster.a.upstream_cx_idle_timeout')).toBe(1);
  });
});

function idleTimeout(idle_timeout: string): object {
  return {
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        common_http_protocol_options: { idle_timeout },
        explicit_http_config: { http_protocol_options: {} },
      },
    },
  };
}

describe('a mirrored request', () => {
  it('is answered by its own cluster alone; the copy changes nothing but that cluster’s counters', () => {
    const clusters = [{ name: 'a' }, { name: 'b' }];
    const route = { request_mirror_policies: [{ cluster: 'b' }] };
    const bench = new Bench({ clusters, route, latencyMs: 1 }).backends(answer(200));
    bench.send();
    bench.run();
    expect(bench.log).toHaveLength(1);
    expect(bench.log[0]).toMatchObject({ code: 200, flags: '-' });
    // `b` has no endpoints: the copy fails there, unheard.
    expect(bench.stat('cluster.b.internal.upstream_rq_503')).toBe(1);
  });
});

describe('a TCP session', () => {
  const filter = { '@type': TCP_PROXY, stat_prefix: 'tcp', cluster: 'a' };

  it('has a connection of its own that ends with it', () => {
    const bench = new Bench({ filter, latencyMs: 1 }).backends(answer(0, 50, 'pong'));
    bench.send(bench.client('tcp'));
    bench.run();
    expect(bench.log).toEqual([
      { flags: '-', details: '', code: 0, attempts: 1, host: '10.0.0.1:80' },
    ]);
    expect(bench.stat('cluster.a.upstream_cx_total')).toBe(1);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(0);
    expect(bench.stat('tcp.tcp.downstream_cx_tx_bytes_total')).toBe(4);
  });

  it('ends with UF,URX when no host takes its connection', () => {
    const bench = new Bench({ filter: { ...filter, max_connect_attempts: 2 } });
    bench.backends('refuse', 'refuse');
    bench.send(bench.client('tcp'));
    bench.run();
    expect(bench.log[0]).toMatchObject({ flags: 'UF,URX', code: 0, attempts: 2 });
    expect(bench.stat('cluster.a.upstream_cx_connect_attempts_exceeded')).toBe(1);
  });
});
