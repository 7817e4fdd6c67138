import type { HttpRetry } from '#config/istio/virtual-service.ts';
import type { HashPolicy, Route } from '#xds/route.ts';
import { isGrpc, type Protocol } from '../model/protocol.ts';
import { inboundRetryPolicy, outboundRetryPolicy } from './retry-policy.ts';
import { routeTimeouts } from './route-action.ts';
import { domainName } from './virtual-host-domains.ts';

export interface DefaultOutboundRoute {
  readonly cluster: string;
  readonly host: string;
  readonly port: number;
  readonly hashPolicy: HashPolicy | undefined;
  readonly meshRetries: HttpRetry | undefined;
  readonly defaultStatusCodes: readonly number[];
}

/**
 * The route of a service that no VirtualService speaks of.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, BuildDefaultHTTPOutboundRoute
 */
export function defaultOutboundRoute(options: DefaultOutboundRoute): Route {
  const { cluster, hashPolicy } = options;
  const retryPolicy = outboundRetryPolicy(options.meshRetries, false, options.defaultStatusCodes);
  return {
    name: DEFAULT_ROUTE_NAME,
    match: { prefix: '/' },
    route: {
      cluster,
      ...routeTimeouts(undefined),
      ...(retryPolicy === undefined ? {} : { retryPolicy }),
      ...(hashPolicy === undefined ? {} : { hashPolicy: [hashPolicy] }),
    },
    decorator: { operation: traceOperation(options.host, options.port) },
  };
}

export interface DefaultInboundRoute {
  readonly cluster: string;
  /** The service's name for traces; empty where none is known. */
  readonly host: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly retries: HttpRetry | undefined;
  readonly retriesInbound: boolean;
}

/** @source istio: the same file, BuildDefaultHTTPInboundRoute */
export function defaultInboundRoute(options: DefaultInboundRoute): Route {
  const isRetried = options.retriesInbound && !isGrpc(options.protocol);
  const retryPolicy = isRetried ? inboundRetryPolicy(options.retries) : undefined;
  return {
    name: DEFAULT_ROUTE_NAME,
    match: { prefix: '/' },
    route: {
      cluster: options.cluster,
      timeout: '0s',
      maxStreamDuration: { maxStreamDuration: '0s', grpcTimeoutHeaderMax: '0s' },
      ...(retryPolicy === undefined ? {} : { retryPolicy }),
    },
    decorator: { operation: traceOperation(options.host, options.port) },
  };
}

const DEFAULT_ROUTE_NAME = 'default';

/** @source istio: pilot/pkg/networking/telemetry/telemetry.go, TraceOperation */
function traceOperation(host: string, port: number): string {
  return `${domainName(host, port)}/*`;
}
