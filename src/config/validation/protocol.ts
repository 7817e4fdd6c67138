/**
 * The protocols that a port may name, in lower case, with what they are.
 *
 * @source istio: pkg/config/protocol/instance.go
 */
const PROTOCOLS: ReadonlyMap<string, { isHttp?: boolean; isTcp?: boolean; isTls?: boolean }> =
  new Map([
    ['tcp', { isTcp: true }],
    ['udp', {}],
    ['grpc', { isHttp: true }],
    ['grpc-web', { isHttp: true }],
    ['http', { isHttp: true }],
    ['http_proxy', { isHttp: true }],
    ['http2', { isHttp: true }],
    ['https', { isTcp: true, isTls: true }],
    ['tls', { isTcp: true, isTls: true }],
    ['mongo', { isTcp: true }],
    ['redis', { isTcp: true }],
    ['mysql', { isTcp: true }],
  ]);

function traits(protocol: string) {
  return PROTOCOLS.get(protocol.toLowerCase());
}

export const isSupportedProtocol = (protocol: string): boolean => traits(protocol) !== undefined;
export const isHttpProtocol = (protocol: string): boolean => traits(protocol)?.isHttp === true;
/** TLS, and what may be told apart by SNI. */
export const isTlsProtocol = (protocol: string): boolean => traits(protocol)?.isTls === true;
/** Carried as plain TCP by a proxy that doesn't look inside. */
export const isTcpProtocol = (protocol: string): boolean => traits(protocol)?.isTcp === true;
