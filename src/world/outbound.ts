import type { Network } from '#envoy/network.ts';
import type { Dispatcher } from '#kernel/dispatcher.ts';
import { keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import type { RequestTarget } from './behaviour.ts';
import { type CallOrigin, CallRun } from './call-run.ts';
import type { CompiledCall } from './compiled-behaviour.ts';
import { OutboundPool, type OutboundRoute, wireProtocolOf } from './outbound-pool.ts';

/** Where an application runs, as seen by what it sends. */
export interface OutboundOrigin {
  /** Names the streams of its draws: `pod/default/reviews-v1-1`. */
  readonly name: string;
  /** Its IP. */
  readonly address: string;
  /** Its way out: through its sidecar, or straight onto the wire. */
  readonly network: Network;
  /** `ip:port` for a name, as the pod's resolver answers; undefined when there is none. */
  resolve(host: string, port: number): string | undefined;
}

/** Everything an application sends: keep-alive connections to each destination, and its calls. */
export class Outbound implements CallOrigin {
  declare readonly dispatcher: Dispatcher;
  declare readonly streamHash: number;
  declare private readonly origin: OutboundOrigin;
  readonly #pools = new Map<string, OutboundPool>();
  /** Most requests go where the one before went. */
  #lastDestination = '';
  #lastPool: OutboundPool | undefined = undefined;
  readonly #freeRuns: CallRun[] = [];
  #connectionCount = 0;

  constructor(origin: OutboundOrigin, dispatcher: Dispatcher, seed: number) {
    this.origin = origin;
    this.dispatcher = dispatcher;
    this.streamHash = streamHash(seed, origin.name);
  }

  poolTo(call: CompiledCall): OutboundPool {
    return this.pool(call.destination, call.target);
  }

  /** The connections to a destination; they are shared by all requests of the pod that go there. */
  pool(destination: string, target: RequestTarget): OutboundPool {
    if (destination === this.#lastDestination) return this.#lastPool!;
    let pool = this.#pools.get(destination);
    if (pool === undefined) {
      pool = new OutboundPool(this.routeTo(target));
      this.#pools.set(destination, pool);
    }
    this.#lastDestination = destination;
    this.#lastPool = pool;
    return pool;
  }

  /** The way to a target; `sourcePort`: of whoever has connections of their own. */
  routeTo(target: RequestTarget, sourcePort?: number): OutboundRoute {
    const { address } = this.origin;
    return {
      network: this.origin.network,
      protocol: wireProtocolOf(target.scheme),
      tls:
        target.scheme === 'https'
          ? { sni: target.host, alpn: ['http/1.1'], mutual: false }
          : undefined,
      sourceAddress: sourcePort === undefined ? address : `${address}:${sourcePort}`,
      resolve: () => this.origin.resolve(target.host, target.port),
      nextWorkerKey: () => this.#nextWorkerKey(),
    };
  }

  takeCallRun(): CallRun {
    return this.#freeRuns.pop() ?? new CallRun(this);
  }

  giveCallRun(run: CallRun): void {
    this.#freeRuns.push(run);
  }

  #nextWorkerKey(): number {
    const uniform = keyedUniform(WORKER_PURPOSE, {
      rootNumber: this.#connectionCount++,
      streamHash: this.streamHash,
      callPathHash: 0,
      attempt: 1,
    });
    return Math.floor(uniform * 2 ** 31);
  }
}

const WORKER_PURPOSE = streamHash(0, 'connection/worker');
