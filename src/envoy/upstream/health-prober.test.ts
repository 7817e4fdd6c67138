import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import type { HealthCheck } from '#xds/cluster.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { ConnectionOwner, HttpRequest, Network, ResponseReceiver } from '../network.ts';
import { compileHealthCheck, type ProbeResult } from './health-check-config.ts';
import { NetworkProber } from './health-prober.ts';
import { hostsOf } from './host-builder.ts';

/** A network of one connection whose other end is played by the test. */
function checkOver(xds: HealthCheck) {
  const seen: { owner?: ConnectionOwner; receiver?: ResponseReceiver; request?: HttpRequest } = {};
  let isClosed = false;
  const connection = {
    newExchange(request: HttpRequest, receiver: ResponseReceiver) {
      Object.assign(seen, { request, receiver });
      return {};
    },
    send() {},
    close() {
      isClosed = true;
    },
  } as never;
  const network = {
    connect(_address: string, _options: unknown, owner: ConnectionOwner) {
      seen.owner = owner;
      return connection;
    },
  } as Network;
  const dispatcher = new Dispatcher();
  const results: ProbeResult[] = [];
  const excluded: (boolean | undefined)[] = [];
  const prober = new NetworkProber({
    network,
    dispatcher,
    idleTimeoutNs: 60e9,
    onIdleTimeout: () => {},
    clusterName: 'outbound|80||catalog',
    streamHash: 1,
    connectOptions: () => ({}) as never,
  });
  const [host] = hostsOf(['10.0.0.1:80']);
  const probe = prober.probe(host!, compileHealthCheck(xds), {
    onProbeResult: (result, isExcluded) => {
      results.push(result);
      excluded.push(isExcluded);
    },
  });
  return {
    seen,
    dispatcher,
    results,
    excluded,
    probe,
    isClosed: () => isClosed,
    connected: () => seen.owner!.onConnected(connection, 0),
    answers(status: number, headers: readonly (readonly [string, string])[] = []) {
      const response = { status, headers: HeaderMap.of(headers), bodyBytes: 0, bodyText: '' };
      seen.receiver!.onResponseHeaders({} as never, response, true, 0);
    },
  };
}

const HTTP: HealthCheck = { httpHealthCheck: { path: '/healthz' } };

describe('a health check over the network', () => {
  it('asks for its path in the name of the cluster, and keeps the connection', () => {
    const check = checkOver(HTTP);
    check.connected();
    expect(check.seen.request).toMatchObject({
      method: 'GET',
      path: '/healthz',
      authority: 'outbound|80||catalog',
    });
    check.answers(200);
    expect([check.results, check.isClosed()]).toEqual([['healthy'], false]);
  });

  it('closes after the answer where connections are not reused, or the host wants it', () => {
    const once = checkOver({ ...HTTP, reuseConnection: false });
    once.connected();
    once.answers(200);
    expect(once.isClosed()).toBe(true);
    const leaving = checkOver(HTTP);
    leaving.connected();
    leaving.seen.owner!.onGoAway({} as never, 0);
    leaving.answers(200);
    expect([leaving.results, leaving.isClosed()]).toEqual([['healthy'], true]);
  });

  it('closes a connection that nobody checks with for as long as the cluster allows', () => {
    const check = checkOver(HTTP);
    check.connected();
    check.answers(200);
    check.dispatcher.runUntil(59e9);
    expect(check.isClosed()).toBe(false);
    check.dispatcher.runUntil(60e9);
    expect(check.isClosed()).toBe(true);
  });

  it('asks by the method, under the name and with the headers that it is told', () => {
    const check = checkOver({
      httpHealthCheck: {
        path: '/healthz',
        host: 'checked.test',
        method: 'HEAD',
        requestHeadersToAdd: [{ header: { key: 'x-probe', value: '1' } }],
        requestHeadersToRemove: ['user-agent'],
      },
    });
    check.connected();
    const { method, authority, headers } = check.seen.request!;
    expect([method, authority, headers.names]).toEqual(['HEAD', 'checked.test', ['x-probe']]);
  });

  it('over gRPC is passed with status 0, wherever that stands', () => {
    const results = [[], [['grpc-status', '0']], [['grpc-status', '12']]].map((headers) => {
      const check = checkOver({ grpcHealthCheck: { authority: 'checked.test' } });
      check.connected();
      check.answers(200, headers as [string, string][]);
      expect(check.seen.request).toMatchObject({ method: 'POST', authority: 'checked.test' });
      return check.results[0];
    });
    expect(results).toEqual(['healthy', 'healthy', 'refused']);
  });

  it('hears that a failing host is to be left out', () => {
    const header = [['x-envoy-immediate-health-check-fail', 'true']] as const;
    const failing = checkOver(HTTP);
    failing.connected();
    failing.answers(503, header);
    const passing = checkOver(HTTP);
    passing.connected();
    passing.answers(200, header);
    expect([failing.excluded, passing.excluded]).toEqual([[true], [false]]);
  });

  it('hears that a host is degraded', () => {
    const check = checkOver(HTTP);
    check.connected();
    check.answers(200, [['x-envoy-degraded', 'true']]);
    expect(check.results).toEqual(['degraded']);
  });

  it('is a network failure when the connection does not come about, or breaks', () => {
    const refused = checkOver(HTTP);
    refused.seen.owner!.onConnectFailure({} as never, 'connection-refused', 0);
    expect(refused.results).toEqual(['network-failure']);
    const broken = checkOver(HTTP);
    broken.connected();
    broken.seen.receiver!.onResponseReset({} as never, 'connection-termination', 0);
    broken.seen.owner!.onRemoteClose({} as never, 0);
    expect(broken.results).toEqual(['network-failure']);
  });

  it('over TCP is passed with the connection', () => {
    const check = checkOver({ tcpHealthCheck: {} });
    check.connected();
    expect([check.results, check.seen.request]).toEqual([['healthy'], undefined]);
  });

  it('says nothing once it was cancelled', () => {
    const check = checkOver(HTTP);
    check.connected();
    check.probe.cancel();
    check.answers(200);
    expect([check.results, check.isClosed()]).toEqual([[], true]);
  });
});
