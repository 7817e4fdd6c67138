import type { Address } from '#xds/core.ts';

/**
 * The address of a listener; a Unix socket has a path and no port.
 *
 * @source istio: pilot/pkg/networking/util/util.go, BuildAddress
 */
export function listenerAddress(bind: string, port: number): Address {
  if (bind.startsWith(UNIX_PREFIX)) return { pipe: { path: bind.slice(UNIX_PREFIX.length) } };
  return { socketAddress: { address: bind, portValue: port } };
}

const UNIX_PREFIX = 'unix://';
