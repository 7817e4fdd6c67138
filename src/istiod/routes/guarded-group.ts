import type { Route } from '#xds/route.ts';
import { isWildcard } from '../model/host-name.ts';
import { isHttp, isSniffed } from '../model/protocol.ts';
import type { Service, ServicePort } from '../model/service.ts';
import type { VirtualService } from '../model/virtual-service.ts';

/** Routes, and the hosts that share them. */
export interface GuardedRoutes {
  readonly port: number;
  readonly services: readonly Service[];
  readonly otherHosts: readonly string[];
  readonly routes: readonly Route[];
  /** Undefined for what services get by themselves. */
  readonly virtualService: VirtualService | undefined;
}

/** Requests on the port are routed. @source istio: pilot/pkg/networking/core/route/route.go */
export function carriesHttp({ protocol }: ServicePort): boolean {
  return isHttp(protocol) || isSniffed(protocol);
}

/**
 * Whether the routes of a VirtualService are the same for every caller of a namespace, and for its own
 * hosts whatever other VirtualServices there are.
 */
export function isSameForCallers({ spec, hosts }: VirtualService): boolean {
  return (
    !hosts.some(isWildcard) &&
    spec.http.every(({ match }) =>
      match.every(
        ({ sourceLabels, sourceNamespace }) => sourceLabels.size === 0 && sourceNamespace === '',
      ),
    )
  );
}
