import type { Host } from './host.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

export type PoolFailure =
  | 'overflow'
  | 'local-connection-failure'
  | 'remote-connection-failure'
  | 'connection-timeout';

/**
 * Something that wants one stream of a pool; while it waits it is a link of the pool's queue.
 *
 * @source envoy: envoy/http/conn_pool.h, ConnectionPool::Callbacks; source/common/conn_pool/conn_pool_base.h, PendingStream
 */
export interface PoolClient {
  previousPending: PoolClient | undefined;
  nextPending: PoolClient | undefined;
  /** The stream is on `connection` now. May be called before `newStream` returns. */
  onPoolReady(connection: UpstreamConnection, nowNs: number): void;
  /** No stream. `host` is known unless it overflowed in the queue. `transportFailure`: the socket's own words. */
  onPoolFailure(
    failure: PoolFailure,
    host: Host | undefined,
    transportFailure: string,
    nowNs: number,
  ): void;
}
