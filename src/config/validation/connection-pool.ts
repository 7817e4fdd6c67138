import { NS_PER_MS } from '#source/duration.ts';
import type { Path } from '#source/path.ts';
import type { ConnectionPoolSettings } from '../istio/destination-rule.ts';
import { Findings } from './findings.ts';
import { durationProblem } from './value-checks.ts';

type HttpSettings = NonNullable<ConnectionPoolSettings['http']>;
type TcpSettings = NonNullable<ConnectionPoolSettings['tcp']>;

/** @source istio: pkg/config/validation/validation.go, validateConnectionPool */
export function checkConnectionPool(
  pool: ConnectionPoolSettings | undefined,
  path: Path,
): Findings {
  const findings = new Findings();
  if (pool === undefined) return findings;
  if (pool.http === undefined && pool.tcp === undefined) {
    findings.error(path, 'connection pool must have at least one field');
    return findings;
  }
  if (pool.http !== undefined) checkHttp(pool.http, [...path, 'http'], findings);
  if (pool.tcp !== undefined) checkTcp(pool.tcp, [...path, 'tcp'], findings);
  return findings;
}

function checkHttp(http: HttpSettings, path: Path, findings: Findings): void {
  const counts = [
    ['http1MaxPendingRequests', 'http1 max pending requests'],
    ['http2MaxRequests', 'http2 max requests'],
    ['maxRequestsPerConnection', 'max requests per connection'],
    ['maxRetries', 'max retries'],
  ] as const;
  for (const [field, words] of counts)
    if (http[field] < 0) findings.error([...path, field], `${words} must be non-negative`);
  checkDuration(http.idleTimeout, [...path, 'idleTimeout'], findings);
  if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol)
    findings.error(
      [...path, 'useClientProtocol'],
      'use client protocol must not be true when H2UpgradePolicy is UPGRADE',
    );
  if (http.maxConcurrentStreams < 0)
    findings.error(
      [...path, 'maxConcurrentStreams'],
      'max concurrent streams must be non-negative',
    );
  const keepalive = http.http2KeepAlive;
  if (keepalive === undefined) return;
  for (const field of ['interval', 'timeout'] as const) {
    const at = [...path, 'http2KeepAlive', field];
    if (keepalive[field] === undefined) findings.error(at, `http2 keepalive ${field} is required`);
    else checkDuration(keepalive[field], at, findings);
  }
}

function checkTcp(tcp: TcpSettings, path: Path, findings: Findings): void {
  if (tcp.maxConnections < 0)
    findings.error([...path, 'maxConnections'], 'max connections must be non-negative');
  checkDuration(tcp.connectTimeout, [...path, 'connectTimeout'], findings);
  checkDuration(tcp.maxConnectionDuration, [...path, 'maxConnectionDuration'], findings);
  // An idle timeout of 0 ms turns the timeout off.
  if (Math.trunc((tcp.idleTimeout ?? 0) / NS_PER_MS) !== 0)
    checkDuration(tcp.idleTimeout, [...path, 'idleTimeout'], findings);
  checkDuration(tcp.tcpKeepalive?.time, [...path, 'tcpKeepalive', 'time'], findings);
  checkDuration(tcp.tcpKeepalive?.interval, [...path, 'tcpKeepalive', 'interval'], findings);
}

function checkDuration(ns: number | undefined, path: Path, findings: Findings): void {
  if (ns !== undefined) findings.check(path, durationProblem(ns));
}
