import type { DrawKey } from '#kernel/keyed-random.ts';
import type { HealthCheck } from '#xds/cluster.ts';
import { HeaderMap } from '../http/header-map.ts';
import type {
  Connection,
  ConnectionOwner,
  ConnectOptions,
  Exchange,
  HttpRequest,
  HttpResponse,
  Network,
  ResponseReceiver,
} from '../network.ts';
import {
  type HealthCheckConfig,
  httpProbeResult,
  type ProbeResult,
} from './health-check-config.ts';
import type { HealthProber, Probe, ProbeListener } from './health-check-session.ts';
import type { Host } from './host.ts';

export interface NetworkProberOptions {
  readonly network: Network;
  /** The authority of checks that name none: the cluster. */
  readonly clusterName: string;
  /** What the draws of the checked instances belong to. */
  readonly streamHash: number;
  connectOptions(host: Host): ConnectOptions;
}

/**
 * Checks hosts over the network: an HTTP request, or for TCP a connection that comes about. Each
 * check has a connection of its own; Envoy keeps them open between checks.
 *
 * @source envoy: source/extensions/health_checkers/http/health_checker_impl.cc,
 *   tcp/health_checker_impl.cc
 */
export class NetworkProber implements HealthProber {
  readonly #options: NetworkProberOptions;
  #request: HttpRequest | undefined;
  #probeCount = 0;

  constructor(options: NetworkProberOptions) {
    this.#options = options;
  }

  probe(host: Host, { xds }: HealthCheckConfig, listener: ProbeListener): Probe {
    const { network, streamHash, clusterName } = this.#options;
    const isTcp = xds.tcpHealthCheck !== undefined;
    if (!isTcp) this.#request ??= checkRequest(xds, clusterName);
    const request = isTcp ? undefined : this.#request;
    const key = { rootNumber: this.#probeCount++, streamHash, callPathHash: 0, attempt: 1 };
    const probe = new NetworkProbe(xds, request, key, listener);
    probe.start(network.connect(host.address, this.#options.connectOptions(host), probe));
    return probe;
  }
}

/** @source envoy: source/extensions/health_checkers/http/health_checker_impl.cc, onInterval */
function checkRequest({ httpHealthCheck }: HealthCheck, clusterName: string): HttpRequest {
  const host = httpHealthCheck?.host;
  return {
    method: 'GET',
    path: httpHealthCheck?.path ?? '/',
    authority: host === undefined || host === '' ? clusterName : host,
    scheme: 'http',
    headers: HeaderMap.of([['user-agent', 'Envoy/HC']]),
    bodyBytes: 0,
  };
}

/** One check on its way. It tells the listener once, unless it was cancelled before. */
class NetworkProbe implements Probe, ConnectionOwner, ResponseReceiver {
  readonly #check: HealthCheck;
  /** Undefined = the connection alone is the check. */
  readonly #request: HttpRequest | undefined;
  readonly #key: DrawKey;
  readonly #listener: ProbeListener;
  #connection: Connection | undefined;
  #response: HttpResponse | undefined;
  #isOver = false;

  constructor(
    check: HealthCheck,
    request: HttpRequest | undefined,
    key: DrawKey,
    listener: ProbeListener,
  ) {
    this.#check = check;
    this.#request = request;
    this.#key = key;
    this.#listener = listener;
  }

  start(connection: Connection): void {
    this.#connection = connection;
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connection?.close();
  }

  onConnected(connection: Connection): void {
    if (this.#isOver) return;
    if (this.#request === undefined) this.#finish('healthy');
    else connection.send(connection.newExchange(this.#request, this, this.#key, 1));
  }

  onConnectFailure(): void {
    this.#fail();
  }

  onRemoteClose(): void {
    this.#fail();
  }

  onGoAway(): void {} // The answer still comes.

  onResponseHeaders(_exchange: Exchange, response: HttpResponse, endStream: boolean): void {
    this.#response = response;
    if (endStream) this.onResponseEnd();
  }

  onResponseEnd(): void {
    const { status, headers } = this.#response!;
    this.#finish(httpProbeResult(status, headers.has('x-envoy-degraded'), this.#check));
  }

  onResponseReset(): void {
    this.#fail();
  }

  #finish(result: ProbeResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#connection?.close();
    this.#listener.onProbeResult(result);
  }

  /** The connection is gone already, or about to be. */
  #fail(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onProbeResult('network-failure');
  }
}
