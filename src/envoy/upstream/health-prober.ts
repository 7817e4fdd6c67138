import type { DrawKey } from '#kernel/keyed-random.ts';
import type { HealthCheck } from '#xds/cluster.ts';
import { requestContext } from '../access-log/format-context.ts';
import { HeaderMap } from '../http/header-map.ts';
import type {
  ConnectOptions,
  HttpRequest,
  HttpResponse,
  Network,
  WireProtocol,
} from '../network.ts';
import { HeaderParser } from '../router/header-mutation.ts';
import {
  type HealthCheckConfig,
  httpProbeResult,
  type ProbeResult,
} from './health-check-config.ts';
import type { HealthProber, Probe, ProbeListener } from './health-check-session.ts';
import type { Host } from './host.ts';
import { HostProbe, type ProbeRequest, type ProbeSettings } from './host-probe.ts';

export interface NetworkProberOptions extends Omit<ProbeSettings, 'reusesConnection'> {
  readonly network: Network;
  /** The authority of checks that name none: the cluster. */
  readonly clusterName: string;
  /** What the draws of the checked instances belong to. */
  readonly streamHash: number;
  /** `protocol`: undefined = that of a bare connection. */
  connectOptions(host: Host, protocol: WireProtocol | undefined): ConnectOptions;
}

/**
 * Checks hosts over the network: an HTTP request, a gRPC call, or for TCP a connection that comes about.
 * The connection of a check serves the next one, too, unless configuration says otherwise.
 *
 * @source envoy: source/extensions/health_checkers/http/health_checker_impl.cc,
 *   tcp/health_checker_impl.cc, grpc/health_checker_impl.cc
 */
export class NetworkProber implements HealthProber {
  readonly #options: NetworkProberOptions;
  readonly #hosts = new Map<Host, HostProbe>();
  #probeCount = 0;

  constructor(options: NetworkProberOptions) {
    this.#options = options;
  }

  probe(host: Host, { xds }: HealthCheckConfig, listener: ProbeListener): Probe {
    let probe = this.#hosts.get(host);
    if (probe === undefined) {
      probe = this.#probeOf(host, xds);
      this.#hosts.set(host, probe);
    }
    probe.check(this.#nextKey(), listener);
    return probe;
  }

  forget(host: Host): void {
    this.#hosts.get(host)?.close();
    this.#hosts.delete(host);
  }

  #probeOf(host: Host, xds: HealthCheck): HostProbe {
    const { network, clusterName, dispatcher, idleTimeoutNs } = this.#options;
    const asked = probeRequest(xds, host, clusterName);
    const settings: ProbeSettings = {
      dispatcher,
      reusesConnection: xds.reuseConnection ?? true,
      idleTimeoutNs,
      onIdleTimeout: () => this.#options.onIdleTimeout(),
    };
    return new HostProbe(asked, settings, (owner) =>
      network.connect(
        checkedAddress(host),
        this.#options.connectOptions(host, asked?.protocol),
        owner,
      ),
    );
  }

  #nextKey(): DrawKey {
    const { streamHash } = this.#options;
    return { rootNumber: this.#probeCount++, streamHash, callPathHash: 0, attempt: 1 };
  }
}

/** Of a host that is checked at another port than it serves at. */
function checkedAddress({ address, description }: Host): string {
  const port = description.healthCheck?.portValue ?? 0;
  return port === 0 ? address : `${address.slice(0, address.lastIndexOf(':'))}:${port}`;
}

/** What is asked of a host; undefined = nothing, the connection alone is the check. */
function probeRequest(xds: HealthCheck, host: Host, clusterName: string): ProbeRequest | undefined {
  if (xds.tcpHealthCheck !== undefined) return undefined;
  const ownName = host.description.healthCheck?.hostname ?? '';
  if (xds.grpcHealthCheck !== undefined) {
    const authority = ownName || xds.grpcHealthCheck.authority || clusterName;
    return { protocol: 'h2', request: grpcRequest(authority), judge: grpcProbeResult };
  }
  const authority = ownName || xds.httpHealthCheck?.host || clusterName;
  return {
    protocol: xds.httpHealthCheck?.codecClientType === 'HTTP2' ? 'h2' : 'http/1.1',
    request: httpRequest(xds, authority),
    judge: (response) =>
      httpProbeResult(response.status, response.headers.has('x-envoy-degraded'), xds),
  };
}

const USER_AGENT = ['user-agent', 'Envoy/HC'] as const;

/** @source envoy: source/extensions/health_checkers/http/health_checker_impl.cc, onInterval */
function httpRequest({ httpHealthCheck }: HealthCheck, authority: string): HttpRequest {
  const request = {
    method: httpHealthCheck?.method || 'GET',
    path: httpHealthCheck?.path ?? '/',
    authority,
    scheme: 'http',
    headers: HeaderMap.of([USER_AGENT]),
    bodyBytes: 0,
  };
  const added = httpHealthCheck?.requestHeadersToAdd ?? [];
  const removed = httpHealthCheck?.requestHeadersToRemove ?? [];
  new HeaderParser(added, removed, () => {}).evaluate(request.headers, requestContext(request));
  return request;
}

/** The call's message: a name that fits into a few bytes. */
const GRPC_REQUEST_BYTES = 5;

/** @source envoy: source/extensions/health_checkers/grpc/health_checker_impl.cc, onInterval */
function grpcRequest(authority: string): HttpRequest {
  return {
    method: 'POST',
    path: '/grpc.health.v1.Health/Check',
    authority,
    scheme: 'http',
    headers: HeaderMap.of([['te', 'trailers'], ['content-type', 'application/grpc'], USER_AGENT]),
    bodyBytes: GRPC_REQUEST_BYTES,
  };
}

/**
 * A gRPC server that serves answers 200 with status 0; where no status came with the headers it came in
 * trailers, and they say the same.
 *
 * @source envoy: source/extensions/health_checkers/grpc/health_checker_impl.cc, isHealthCheckSucceeded
 */
export function grpcProbeResult({ status, headers }: HttpResponse): ProbeResult {
  return status === 200 && (headers.get('grpc-status') ?? '0') === '0' ? 'healthy' : 'refused';
}
