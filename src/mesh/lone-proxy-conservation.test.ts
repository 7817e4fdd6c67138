import { describe, expect, it } from 'vitest';
import { randomStream } from '#kernel/random.ts';
import { type ScriptedAnswer, ScriptedBackend } from '#world/scripted-backend.ts';
import { ScriptedClient } from '#world/scripted-client.ts';
import { scriptedRequest, scriptedResponse } from '#world/scripted-message.ts';
import { LoneProxy } from './lone-proxy.ts';

const MS = 1e6;
const OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const HCM =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

const RETRY = {
  retry_on: '5xx,reset,connect-failure,refused-stream',
  num_retries: 3,
  per_try_timeout: '0.3s',
  retry_host_predicate: [{ name: 'envoy.retry_host_predicates.previous_hosts' }],
  host_selection_retry_max_attempts: 3,
};

/** A proxy under everything that can go wrong at once. */
function storm(seed: number, protocol: 'h1' | 'h2', latencyNs: number) {
  const random = randomStream(seed, 'storm');
  const logged = new Map<number, number>();
  const explicit =
    protocol === 'h2'
      ? { http2_protocol_options: { max_concurrent_streams: 3 } }
      : { http_protocol_options: {} };
  const cluster = {
    name: 'a',
    connect_timeout: '0.2s',
    circuit_breakers: {
      thresholds: [
        { max_connections: 4, max_pending_requests: 6, max_requests: 8, max_retries: 3 },
      ],
    },
    outlier_detection: {
      consecutive_5xx: 3,
      interval: '1s',
      base_ejection_time: '1s',
      max_ejection_percent: 60,
    },
    max_requests_per_connection: 7,
    typed_extension_protocol_options: {
      [OPTIONS]: { '@type': OPTIONS, explicit_http_config: explicit },
    },
  };
  const route = {
    cluster: 'a',
    timeout: '1s',
    retry_policy: RETRY,
    request_mirror_policies: [{ cluster: 'a' }],
  };
  const lone = new LoneProxy({
    seed,
    workerCount: 2,
    latencyNs,
    clusters: [cluster],
    listener: {
      name: 'in',
      address: { socket_address: { address: '127.0.0.1', port_value: 24000 } },
      filter_chains: [
        {
          filters: [
            {
              name: 'hcm',
              typed_config: {
                '@type': HCM,
                stat_prefix: 'in',
                route_config: {
                  name: 'r',
                  virtual_hosts: [
                    { name: 'v', domains: ['*'], routes: [{ match: { prefix: '/' }, route }] },
                  ],
                },
              },
            },
          ],
        },
      ],
    },
    observer: {
      wantsAttempts: false,
      onStreamEnd: ({ key }) => logged.set(key.rootNumber, (logged.get(key.rootNumber) ?? 0) + 1),
      onAttemptEnd() {},
      onOutlierEvent() {},
    },
  });
  const answers = (): ScriptedAnswer => {
    const delayNs = random.below(400) * MS;
    const response = scriptedResponse(
      random.below(3) === 0 ? 503 : 200,
      [],
      random.below(2) ? 'x' : '',
    );
    switch (random.below(9)) {
      case 0:
        return { kind: 'hang' };
      case 1:
        return { kind: 'reset', reason: 'remote-reset', delayNs };
      case 2:
        return { kind: 'reset', reason: 'remote-refused-stream', delayNs };
      case 3:
        return { kind: 'close', delayNs };
      case 4:
        return { kind: 'cut', response, delayNs, resetAfterNs: 20 * MS };
      case 5:
        return { kind: 'respond', response, delayNs, bodyDelayNs: 30 * MS };
      default:
        return {
          kind: 'respond',
          response,
          delayNs: random.below(3) === 0 ? 0 : delayNs,
          bodyDelayNs: 0,
        };
    }
  };
  const { network, dispatcher, address } = lone;
  const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
  hosts.slice(0, 3).forEach((host, index) => {
    const script = {
      get connect() {
        return index === 2 && random.below(2) === 0 ? ('blackhole' as const) : ('accept' as const);
      },
      onConnect() {},
      answer: answers,
    };
    network.listen(`${host}:80`, new ScriptedBackend(dispatcher, script));
  });
  const setHosts = (members: readonly string[]): void => {
    const lb_endpoints = members.map((host) => ({
      endpoint: { address: { socket_address: { address: host, port_value: 80 } } },
    }));
    lone.setEndpoints({ cluster_name: 'a', endpoints: [{ lb_endpoints }] });
  };
  setHosts(hosts);
  lone.boot();
  let outcomes = 0;
  const count = 600;
  for (let number = 0; number < count; number++) {
    const client = new ScriptedClient(network, dispatcher, {
      address,
      options: {
        protocol: number % 2 === 0 ? 'http/1.1' : 'h2',
        tls: undefined,
        sourceAddress: `127.0.0.1:${10_000 + number}`,
        originalDestination: address,
        workerKey: number,
        sourceProxy: -1,
      },
    });
    const key = { rootNumber: number, streamHash: 0, callPathHash: 0, attempt: 1 };
    const request = scriptedRequest({
      method: 'GET',
      path: '/',
      authority: 'a',
      headers: [],
      bodyBytes: 0,
    });
    // Some clients lose patience, and leave in every state there is.
    const patienceNs = (random.below(3) === 0 ? 1 + random.below(800) : 60_000) * MS;
    client.send(request, key, patienceNs, { onOutcome: () => outcomes++ });
    dispatcher.runUntil(dispatcher.nowNs + random.below(60) * MS);
    if (number % 97 === 0) {
      setHosts(hosts.slice(random.below(3)));
      lone.push();
    }
  }
  dispatcher.runUntil(dispatcher.nowNs + 120_000 * MS);
  return { lone, logged, outcomes, count };
}

describe('a proxy after a storm', () => {
  for (const protocol of ['h1', 'h2'] as const) {
    for (const latencyMs of [0, 0.2]) {
      it(`has answered and logged every request once and holds nothing (${protocol}, ${latencyMs} ms)`, () => {
        for (let seed = 1; seed <= 4; seed++) {
          const { lone, logged, outcomes, count } = storm(seed, protocol, latencyMs * MS);
          expect(outcomes).toBe(count);
          // With latency, a client may leave before its request was even sent.
          expect([...logged.values()].every((times) => times === 1)).toBe(true);
          expect(logged.size).toBeGreaterThan(count * 0.95);
          const stats = lone.stats();
          const gauges = [...stats].filter(([name]) => /(rq|rq_pending)_active$/.test(name));
          expect(gauges).toEqual([]);
          const { defaultResources, membership } = lone.proxy.cluster('a')!;
          expect(defaultResources.requests.current).toBe(0);
          expect(defaultResources.pendingRequests.current).toBe(0);
          expect(defaultResources.retries.current).toBe(0);
          const get = (name: string): number => stats.get(`cluster.a.${name}`) ?? 0;
          expect(get('upstream_cx_total')).toBe(
            get('upstream_cx_active') + get('upstream_cx_destroy'),
          );
          expect(defaultResources.connections.current).toBe(get('upstream_cx_active'));
          // The storm was one.
          for (const name of [
            'retry',
            'timeout',
            'per_try_timeout',
            'pending_overflow',
            'cancelled',
          ]) {
            expect(get(`upstream_rq_${name}`), name).toBeGreaterThan(0);
          }
          expect(get('outlier_detection.ejections_enforced_total')).toBeGreaterThan(0);
          for (const host of membership.hosts.values()) expect(host.rqActive).toBe(0);
        }
      });
    }
  }
});
