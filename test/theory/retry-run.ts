import { HeaderMap } from '#envoy/http/header-map.ts';
import type { EndedStream } from '#envoy/proxy-environment.ts';
import type { EventTarget } from '#kernel/dispatcher.ts';
import { LoneProxy } from '#mesh/lone-proxy.ts';
import { DEFAULT_BEHAVIOUR, NO_ERRORS } from '#world/behaviour.ts';
import { compileBehaviour } from '#world/compiled-behaviour.ts';
import { Instance } from '#world/instance.ts';
import { Outbound } from '#world/outbound.ts';
import type { OutboundPool } from '#world/outbound-pool.ts';
import { type OutboundOwner, OutboundRequest } from '#world/outbound-request.ts';
import { ServedRequestPool } from '#world/served-request.ts';

export interface RetryPlan {
  readonly seed: number;
  /** Of attempts. */
  readonly failingShare: number;
  readonly retries: number;
  readonly requestCount: number;
}

const HCM =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const BACKEND = '10.0.0.9:80';
const GAP_NS = 1e6;

/**
 * Attempts of each request through an Envoy that retries 5xx, to a backend that fails by lot. Back-offs
 * are short, so that few requests are under way at once.
 */
export function runRetries(plan: RetryPlan): Float64Array {
  return new RetryRun(plan).attempts();
}

class RetryRun implements EventTarget, OutboundOwner {
  readonly #plan: RetryPlan;
  readonly #lone: LoneProxy;
  readonly #pool: OutboundPool;
  readonly #attempts: Float64Array;
  readonly #free: OutboundRequest[] = [];
  #started = 0;
  #ended = 0;

  constructor(plan: RetryPlan) {
    const { seed, requestCount } = plan;
    this.#plan = plan;
    this.#attempts = new Float64Array(requestCount);
    this.#lone = new LoneProxy({
      seed,
      workerCount: 1,
      latencyNs: 0,
      clusters: [CLUSTER],
      listener: listenerOf(plan.retries),
      observer: {
        wantsAttempts: false,
        onStreamEnd: ({ info }: EndedStream) => {
          this.#attempts[this.#ended++] = info.attemptCount;
        },
        onAttemptEnd() {},
        onOutlierEvent() {},
      },
    });
    this.#lone.boot();
    this.#pool = this.#connect();
  }

  attempts(): Float64Array {
    const { dispatcher } = this.#lone;
    dispatcher.schedule(GAP_NS, this, 0);
    while (this.#ended < this.#plan.requestCount && dispatcher.runNext());
    return this.#attempts;
  }

  /** The next request starts. */
  onEvent(_event: number, nowNs: number): void {
    if (++this.#started < this.#plan.requestCount) this.#lone.dispatcher.schedule(GAP_NS, this, 0);
    const outbound = this.#free.pop() ?? new OutboundRequest();
    outbound.rootNumber = this.#started;
    outbound.streamHash = 7;
    outbound.attempt = 1;
    outbound.begin(this, REQUEST);
    this.#pool.send(outbound, nowNs);
  }

  onAnswer(outbound: OutboundRequest): void {
    this.#free.push(outbound);
  }

  onFailure(): void {
    throw new Error('an answer always comes');
  }

  #connect(): OutboundPool {
    const { dispatcher, network, address } = this.#lone;
    const { seed, failingShare } = this.#plan;
    const outboundOf = (name: string): Outbound =>
      new Outbound(
        { name, address: '10.0.0.1', network, resolve: () => address },
        dispatcher,
        seed,
      );
    const statuses = [{ status: 500, share: failingShare }];
    const behaviour = {
      ...DEFAULT_BEHAVIOUR,
      latency: { kind: 'constant', ns: 0 },
      errors: { ...NO_ERRORS, statuses },
    } as const;
    const instance = new Instance(
      'backend',
      { dispatcher, served: new ServedRequestPool(), tracer: undefined },
      compileBehaviour(behaviour, 'backend', seed),
      outboundOf('backend'),
    );
    network.listen(BACKEND, instance);
    return outboundOf('client').pool('http://backend:80', {
      method: 'GET',
      scheme: 'http',
      host: 'backend',
      port: 80,
      authority: 'backend',
      path: '/',
    });
  }
}

const REQUEST = {
  method: 'GET',
  path: '/',
  authority: 'backend',
  scheme: 'http',
  headers: new HeaderMap(),
  bodyBytes: 0,
};

const CLUSTER = {
  name: 'backend',
  type: 'STATIC',
  connect_timeout: '1s',
  circuit_breakers: { thresholds: [{ max_retries: 1_000_000, max_requests: 1_000_000 }] },
  load_assignment: {
    cluster_name: 'backend',
    endpoints: [
      {
        lb_endpoints: [
          {
            endpoint: { address: { socket_address: { address: '10.0.0.9', port_value: 80 } } },
          },
        ],
      },
    ],
  },
};

function listenerOf(retries: number): unknown {
  const route = {
    cluster: 'backend',
    timeout: '0s',
    retry_policy: {
      retry_on: '5xx',
      num_retries: retries,
      retry_back_off: { base_interval: '0.001s', max_interval: '0.001s' },
    },
  };
  const manager = {
    '@type': HCM,
    stat_prefix: 'in',
    route_config: {
      name: 'r',
      virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route }] }],
    },
    http_filters: [],
  };
  return {
    name: 'in',
    address: { socket_address: { address: '127.0.0.1', port_value: 24000 } },
    filter_chains: [{ filters: [{ name: 'terminal', typed_config: manager }] }],
  };
}
