import type { NetworkFilter } from '../listener/active-listener.ts';
import type { ServerConnection, ServerHandler } from '../network.ts';
import type { ConnectionManager } from './connection-manager.ts';
import { type ConnectionParts, DownstreamConnection } from './downstream-connection.ts';
import type { StreamPool } from './downstream-stream.ts';
import { RequestProfiles } from './request-profile.ts';
import { RequestSanitizer } from './request-sanitizer.ts';
import { ResponseEncoder } from './response-encoder.ts';

/** Puts a filter chain's connections in the hands of its connection manager. */
export class HttpListenerFilter implements NetworkFilter {
  readonly #manager: ConnectionManager;
  readonly #parts: ConnectionParts;

  constructor(manager: ConnectionManager, streams: StreamPool) {
    const { config, settings, epochMs } = manager;
    this.#manager = manager;
    this.#parts = {
      streams,
      sanitizer: new RequestSanitizer(config, config.routeConfig?.internalOnlyHeaders ?? []),
      profiles: new RequestProfiles(),
      responseEncoder: new ResponseEncoder({ ...settings, epochMs }),
    };
  }

  accept(connection: ServerConnection, nowNs: number): ServerHandler {
    return new DownstreamConnection(this.#manager, connection, this.#parts, nowNs);
  }

  get connectionCount(): number {
    return this.#manager.connectionCount;
  }

  drain(): void {
    this.#manager.drain();
  }

  shutDown(nowNs: number): void {
    this.#manager.shutDown(nowNs);
  }

  collectStats(into: Map<string, number>): void {
    this.#manager.collectStats(into);
  }
}
