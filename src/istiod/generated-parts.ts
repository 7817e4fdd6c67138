import type { Listener } from '#xds/listener.ts';
import type { RouteConfiguration } from '#xds/route.ts';

/** How connections and requests come in and where they go on. */
export interface ListenersAndRoutes {
  readonly listeners: readonly Listener[];
  readonly routes: readonly RouteConfiguration[];
  /** A Gateway routes by SNI to clusters that are named after it. */
  readonly hasAutoPassthrough: boolean;
}
