import { hexOfUint64, uint64Of } from '#kernel/uint64.ts';
import { xxHash64 } from '#kernel/xxhash64.ts';
import type { RequestKey } from '../network.ts';

/**
 * The `x-request-id` that the first proxy gives to a request without one: a version 4 UUID. Applications
 * pass it on, so all hops, retries and copies of one request of a client have the same. It is worked
 * out when it is printed: carrying it along would cost a head of its own for each request.
 *
 * @source envoy: source/extensions/request_id/uuid/config.cc, UUIDRequestIDExtension::set
 */
export function requestIdOf({ rootNumber, streamHash }: Omit<RequestKey, 'attempt'>): string {
  const name = `${streamHash >>> 0}/${rootNumber}`;
  const hex = hexOfUint64(xxHash64(name)) + hexOfUint64(xxHash64(name, SECOND_HALF));
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4]!;
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}

const SECOND_HALF = uint64Of(1);
