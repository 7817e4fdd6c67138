import { describe, expect, it } from 'vitest';
import type { Connection, ConnectOptions, Exchange, HttpResponse } from '#envoy/network.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import type { BackendScript, ScriptedAnswer } from '#world/scripted-backend.ts';
import { ScriptedBackend } from '#world/scripted-backend.ts';
import { type ClientOutcome, ScriptedClient } from '#world/scripted-client.ts';
import { scriptedRequest, scriptedResponse } from '#world/scripted-message.ts';
import { LoneProxy, type LoneProxyOptions } from './lone-proxy.ts';

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
  readonly httpFilters?: readonly object[];
  readonly clusters?: readonly object[];
  readonly route?: object;
  readonly filter?: object;
  readonly latencyMs?: number;
  readonly resolver?: LoneProxyOptions['resolver'];
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
    httpFilters = [],
    resolver,
  }: BenchOptions = {}) {
    const virtual_hosts = [
      {
        name: 'all',
        domains: ['*'],
        routes: [{ match: { prefix: '/' }, route: { cluster: 'a', ...route } }],
      },
    ];
    const manager = {
      '@type': HCM,
      stat_prefix: 'in',
      route_config: { name: 'r', virtual_hosts },
      http_filters: httpFilters,
    };
    this.lone = new LoneProxy({
      seed: 1,
      workerCount: 1,
      latencyNs: latencyMs * MS,
      resolver,
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
      options: connectOptions(protocol, address),
    });
  }

  send(client = this.client(), done: (outcome: ClientOutcome) => void = () => {}): void {
    client.send(REQUEST, KEY, 60_000 * MS, { onOutcome: done });
  }

  /** A connection that carries several requests at once. */
  connection(): Connection {
    const { network, address } = this.lone;
    return network.connect(address, connectOptions('h2', address), {
      onConnected() {},
      onConnectFailure() {},
      onRemoteClose() {},
      onGoAway() {},
    });
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

const REQUEST = scriptedRequest({
  method: 'GET',
  path: '/',
  authority: 'a.test',
  headers: [],
  bodyBytes: 0,
});
const KEY = { rootNumber: 1, streamHash: 0, callPathHash: 0, attempt: 1 };

function connectOptions(protocol: 'http/1.1' | 'h2' | 'tcp', address: string): ConnectOptions {
  return {
    protocol,
    tls: undefined,
    sourceAddress: '127.0.0.1:5000',
    originalDestination: address,
    workerKey: 0,
    sourceProxy: -1,
  };
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
    bench.lone.proxy.applyConfig({ parts: [] });
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

describe('HTTP through a TCP proxy', () => {
  const filter = { '@type': TCP_PROXY, stat_prefix: 'tcp', cluster: 'a' };
  const cluster = (more: object) => [{ name: 'a', ...more }];

  it('goes where the first request of its connection went', () => {
    const bench = new Bench({ filter, latencyMs: 1 }).backends(answer(200), answer(200));
    for (const client of [bench.client(), bench.client()]) {
      let left = 3;
      const next = (): void => {
        if (left-- > 0) bench.send(client, next);
      };
      next();
    }
    bench.run();
    expect(bench.log).toHaveLength(6);
    const [first, second] = [...new Set(bench.log.map(({ host }) => host))];
    const order = bench.log.map(({ host }) => (host === first ? 1 : 2));
    expect(second).toBeDefined();
    expect(order).toEqual([1, 2, 1, 2, 1, 2]);
    expect(bench.stat('cluster.a.upstream_cx_total')).toBe(2);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(2);
    expect(bench.stat('tcp.tcp.downstream_cx_total')).toBe(2);
  });

  it('connects for those who wait when the first of them gives up', () => {
    const bench = new Bench({ filter, latencyMs: 5 }).backends(answer(200), answer(200));
    const statuses: number[] = [];
    const receiver = {
      onResponseHeaders: (_it: Exchange, { status }: HttpResponse) => statuses.push(status),
      onResponseEnd() {},
      onResponseReset() {},
    };
    const connection = bench.connection();
    bench.run(10); // Connected. They are at the proxy after 15 ms, whose connection takes 10 more.
    const [first] = [1, 2, 3].map((number) => {
      const exchange = connection.newExchange(REQUEST, receiver, KEY, number);
      connection.send(exchange);
      return exchange;
    });
    bench.run(3);
    connection.resetStream(first!);
    bench.run();
    expect(statuses).toEqual([200, 200]);
    expect(bench.log).toHaveLength(3);
    expect(new Set(bench.log.slice(1).map(({ host }) => host)).size).toBe(1);
  });

  it('closes the connection upstream with that of its client', () => {
    const bench = new Bench({ filter, latencyMs: 1 }).backends(answer(200));
    const client = bench.client();
    bench.send(client, () => client.close());
    bench.run();
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(0);
    expect(bench.stat('cluster.a.upstream_cx_destroy_remote')).toBe(1); // The end is passed on.
  });

  it('closes the connection of its client with that upstream, and with the answer that is due', () => {
    const bench = new Bench({ filter, latencyMs: 1 }).backends({ kind: 'close', delayNs: 5 * MS });
    const errors: (string | undefined)[] = [];
    bench.send(bench.client(), ({ error }) => errors.push(error));
    bench.run();
    expect(errors).toEqual(['ECONNRESET']);
    expect(bench.stat('cluster.a.upstream_cx_destroy_remote')).toBe(1);
    expect(bench.stat('cluster.a.upstream_rq_active')).toBe(0);
  });

  it('closes after the idle timeout', () => {
    const bench = new Bench({ filter: { ...filter, idle_timeout: '2s' } }).backends(answer(200));
    bench.send();
    bench.run(1900);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(1);
    bench.run(200);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(0);
    expect(bench.stat('tcp.tcp.idle_timeout')).toBe(1);
  });

  it('lasts no longer than max_downstream_connection_duration, whatever is under way', () => {
    const limited = { ...filter, max_downstream_connection_duration: '2s' };
    const bench = new Bench({ filter: limited }).backends({ kind: 'hang' });
    const errors: (string | undefined)[] = [];
    bench.send(bench.client(), ({ error }) => errors.push(error));
    bench.run(1900);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(1);
    bench.run(200);
    expect(errors).toEqual(['ECONNRESET']);
    expect(bench.log.map(({ flags }) => flags)).toEqual(['DT']);
    expect(bench.stat('cluster.a.upstream_cx_destroy_local_with_active_rq')).toBe(1);
    expect(bench.stat('tcp.tcp.max_downstream_connection_duration')).toBe(1);
  });

  it('is closed when no host takes its connection: each request starts anew', () => {
    const bench = new Bench({ filter, clusters: cluster({ connect_timeout: '1s' }) });
    bench.backends('refuse');
    const client = bench.client();
    bench.send(client);
    bench.run(100);
    bench.send(client);
    bench.run();
    expect(bench.log.map(({ flags }) => flags)).toEqual(['UF,URX', 'UF,URX']);
    expect(bench.stat('cluster.a.upstream_cx_total')).toBe(2);
  });
});

describe('a proxy that starts', () => {
  it('listens when the first health check of each host is over', () => {
    const health_checks = [
      {
        timeout: '1s',
        interval: '5s',
        unhealthy_threshold: 1,
        healthy_threshold: 1,
        http_health_check: { path: '/' },
      },
    ];
    const bench = new Bench({ clusters: [{ name: 'a', health_checks }] });
    bench.backends(answer(200), { kind: 'hang' });
    const outcomes: (string | number)[] = [];
    const send = () =>
      bench.send(bench.client(), ({ error, response }) =>
        outcomes.push(error ?? response?.status ?? 0),
      );
    send();
    bench.run(900);
    send();
    bench.run(200);
    expect(bench.lone.proxy.isReady).toBe(true);
    send();
    bench.run(100);
    expect(outcomes).toEqual(['ECONNREFUSED', 'ECONNREFUSED', 200]);
  });
});

describe('a dynamic forward proxy', () => {
  it('answers 503 UH for a name that nobody knows, and says so in the details', () => {
    const cluster_type = { name: 'envoy.clusters.dynamic_forward_proxy' };
    const bench = new Bench({
      clusters: [{ name: 'a', lb_policy: 'CLUSTER_PROVIDED', cluster_type }],
      resolver: {
        resolve: (_name, listener) =>
          listener.onDnsAnswer({ isFailure: true, addresses: [], ttlMs: 0 }),
      },
    });
    bench.lone.boot();
    bench.send();
    bench.run();
    expect(bench.log).toEqual([
      {
        flags: 'UH',
        details: 'dns_resolution_failure{cares_norecords:Domain_name_not_found}',
        code: 503,
        attempts: 1,
        host: '',
      },
    ]);
  });
});

describe('the filters before the router', () => {
  const fault = (config: object) => ({
    name: 'envoy.filters.http.fault',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
      ...config,
    },
  });
  const always = { numerator: 100 };

  it('delay, then abort: nothing reaches the host, and the route timeout does not count the delay', () => {
    const httpFilters = [
      fault({
        delay: { fixed_delay: '2s', percentage: always },
        abort: { http_status: 418, percentage: always },
      }),
    ];
    const bench = new Bench({ httpFilters, route: { timeout: '1s' } }).backends(answer(200));
    bench.send();
    expect(bench.run(1999).log).toEqual([]);
    expect(bench.run(2).log[0]).toMatchObject({ code: 418, flags: 'DI,FI', attempts: 0 });
    expect(bench.stat('cluster.a.upstream_rq_total')).toBe(0);
    expect(bench.stat('http.in.fault.delays_injected')).toBe(1);
    expect(bench.stat('http.in.fault.active_faults')).toBe(0);
  });

  it('forget a delayed request whose client left', () => {
    const httpFilters = [fault({ delay: { fixed_delay: '2s', percentage: always } })];
    const bench = new Bench({ httpFilters }).backends(answer(200));
    const client = bench.client();
    bench.send(client);
    bench.run(100);
    client.close();
    bench.run();
    expect(bench.log).toHaveLength(1);
    expect(bench.log[0]).toMatchObject({ code: 0, flags: 'DI,DC' });
    expect(bench.stat('http.in.fault.active_faults')).toBe(0);
  });

  it('hold a response to the rate that a fault sets', () => {
    const limit = { fixed_limit: { limit_kbps: 1 }, percentage: always };
    const bench = new Bench({ httpFilters: [fault({ response_rate_limit: limit })] });
    bench.backends(answer(200, 0, 'x'.repeat(2048)));
    let endedNs = 0;
    bench.send(bench.client(), () => {
      endedNs = bench.lone.dispatcher.nowNs;
    });
    bench.run();
    expect(endedNs).toBe(31 * 63 * MS); // 32 slices of 64 bytes, the first at once.
  });

  it('turn away what is over a local rate limit with 429 RL, from a bucket that fills steadily', () => {
    const httpFilters = [
      {
        name: 'envoy.filters.http.local_ratelimit',
        typed_config: {
          '@type':
            'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
          stat_prefix: 'limit',
          token_bucket: { max_tokens: 2, tokens_per_fill: 1, fill_interval: '1s' },
          filter_enabled: { default_value: always },
          filter_enforced: { default_value: always },
          response_headers_to_add: [{ header: { key: 'x-limited', value: 'yes' } }],
        },
      },
    ];
    const bench = new Bench({ httpFilters }).backends(answer(200));
    const seen: (string | undefined)[] = [];
    for (let count = 0; count < 3; count++) {
      bench.send(bench.client(), ({ response }) => seen.push(response!.headers.get('x-limited')));
    }
    bench.run(1001);
    bench.send();
    bench.run();
    expect(bench.log.map(({ code, flags }) => `${code} ${flags}`)).toEqual([
      // In order of completion: the refused one is over at once.
      '429 RL',
      '200 -',
      '200 -',
      '200 -',
    ]);
    expect(seen).toEqual(['yes', undefined, undefined]);
    expect(bench.stat('limit.http_local_rate_limit.rate_limited')).toBe(1);
  });
});

describe('a process that goes away', () => {
  it('closes its connections; requests under way are lost and logged', () => {
    const bench = new Bench({ latencyMs: 1 }).backends({ kind: 'hang' });
    const outcomes: ClientOutcome[] = [];
    bench.send(bench.client(), (outcome) => outcomes.push(outcome));
    bench.run(100);
    bench.lone.proxy.shutDown(bench.lone.dispatcher.nowNs);
    bench.run(100);
    expect(outcomes[0]).toMatchObject({ error: 'ECONNRESET' });
    expect(bench.log).toHaveLength(1);
    expect(bench.stat('cluster.a.upstream_cx_active')).toBe(0);
    expect(bench.stat('http.in.downstream_cx_active')).toBe(0);
  });
});

describe('the routes of a lone proxy', () => {
  it('are taken as they are when an Envoy would take them', () => {
    expect(new Bench().lone.routeProblems).toEqual([]);
  });

  it('may not name a cluster that there is not', () => {
    const route = {
      cluster: undefined,
      weighted_clusters: { clusters: [{ name: 'b', weight: 1 }] },
    };
    expect(new Bench({ route }).lone.routeProblems).toEqual(["route: unknown cluster 'b'"]);
  });

  it('are refused for what Envoy refuses in a route', () => {
    const route = {
      prefix_rewrite: '/x',
      regex_rewrite: { pattern: { regex: 'a' }, substitution: 'b' },
    };
    expect(new Bench({ route }).lone.routeProblems).toEqual([
      'virtual host all: Cannot specify both prefix_rewrite and regex_rewrite',
    ]);
  });
});
