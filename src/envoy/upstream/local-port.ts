/** The ports that a system gives to whoever connects: Linux's net.ipv4.ip_local_port_range. */
const FIRST_LOCAL_PORT = 32_768;
const LOCAL_PORTS = 28_232;

/**
 * Where a connection starts: any integer ≥ 0 that is its own decides.
 *
 * @source envoy: source/common/network/connection_impl.cc, ClientConnectionImpl: binds to no port
 */
export function localPort(key: number): number {
  return FIRST_LOCAL_PORT + (key % LOCAL_PORTS);
}
