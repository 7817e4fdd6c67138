import type { ConsistentHash } from '#config/istio/destination-rule.ts';
import { formatProtoDuration } from '#source/duration.ts';
import type { HashPolicy } from '#xds/route.ts';

/**
 * What of a request is hashed to choose its host; undefined when no key is named.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, ConsistentHashToHashPolicy
 */
export function buildHashPolicy(hash: ConsistentHash | undefined): HashPolicy | undefined {
  if (hash?.httpHeaderName !== undefined) return { header: { headerName: hash.httpHeaderName } };
  if (hash?.httpCookie !== undefined) return { cookie: cookiePolicy(hash.httpCookie) };
  if (hash?.useSourceIp !== undefined) {
    return { connectionProperties: hash.useSourceIp ? { sourceIp: true } : {} };
  }
  if (hash?.httpQueryParameterName !== undefined) {
    return { queryParameter: { name: hash.httpQueryParameterName } };
  }
  return undefined;
}

function cookiePolicy(cookie: NonNullable<ConsistentHash['httpCookie']>) {
  const { name, ttl, path, attributes } = cookie;
  return {
    name,
    ...(ttl === undefined ? {} : { ttl: formatProtoDuration(ttl) }),
    ...(path === '' ? {} : { path }),
    ...(attributes.length === 0 ? {} : { attributes }),
  };
}
