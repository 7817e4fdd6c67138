import type { NetworkFilter } from '../listener/active-listener.ts';
import type { ServerConnection, ServerHandler } from '../network.ts';
import type { ConnectionManager } from './connection-manager.ts';
import { DownstreamConnection } from './downstream-connection.ts';
import type { StreamPool } from './downstream-stream.ts';
import { RequestSanitizer } from './request-sanitizer.ts';

/** Puts a filter chain's connections in the hands of its connection manager. */
export class HttpListenerFilter implements NetworkFilter {
  readonly #manager: ConnectionManager;
  readonly #streams: StreamPool;
  readonly #sanitizer: RequestSanitizer;

  constructor(manager: ConnectionManager, streams: StreamPool) {
    this.#manager = manager;
    this.#streams = streams;
    this.#sanitizer = new RequestSanitizer(
      manager.config,
      manager.config.routeConfig?.internalOnlyHeaders ?? [],
    );
  }

  accept(connection: ServerConnection, nowNs: number): ServerHandler {
    return new DownstreamConnection(
      this.#manager,
      connection,
      this.#streams,
      this.#sanitizer,
      nowNs,
    );
  }

  drain(): void {
    this.#manager.drain();
  }

  shutDown(nowNs: number): void {
    this.#manager.shutDown(nowNs);
  }
}
