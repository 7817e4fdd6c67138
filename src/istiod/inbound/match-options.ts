import type { FilterChainMatch } from '#xds/listener.ts';
import { CLEARTEXT_HTTP } from '../listeners/outbound-listeners.ts';
import type { MutualTlsMode } from '../model/peer-authentication.ts';
import { isHttp, isSniffed, type Protocol } from '../model/protocol.ts';

/** One of the chains that a port needs, so that every kind of caller finds the right one. */
export interface InboundChainKind {
  readonly match: Pick<FilterChainMatch, 'applicationProtocols' | 'transportProtocol'>;
  readonly carries: 'http' | 'tcp';
  /** The chain terminates mutual TLS. */
  readonly terminatesTls: boolean;
}

/**
 * The chains of a port by what it speaks and what it demands. Callers with Istio's own ALPN are told from
 * those that bring TLS of their own, and cleartext HTTP from other bytes where the port does not say.
 *
 * @source istio: pilot/pkg/networking/core/filterchain_options.go, getFilterChainMatchOptions
 */
export function inboundChainKinds(
  protocol: Protocol,
  mode: MutualTlsMode,
): readonly InboundChainKind[] {
  const kinds = isHttp(protocol) ? HTTP : isSniffed(protocol) ? AUTO : TCP;
  if (mode === 'STRICT') return kinds.strict;
  return mode === 'PERMISSIVE' ? kinds.permissive : kinds.plaintext;
}

interface KindsByMode {
  readonly strict: readonly InboundChainKind[];
  readonly permissive: readonly InboundChainKind[];
  readonly plaintext: readonly InboundChainKind[];
}

const MESH_HTTP_ALPN = ['istio-http/1.0', 'istio-http/1.1', 'istio-h2'];
const MESH_TCP_ALPN = ['istio-peer-exchange', 'istio'];
const MESH_ALPN = ['istio', 'istio-peer-exchange', 'istio-http/1.0', 'istio-http/1.1', 'istio-h2'];

function mutualTls(
  carries: 'http' | 'tcp',
  applicationProtocols?: readonly string[],
): InboundChainKind {
  const alpn = applicationProtocols === undefined ? {} : { applicationProtocols };
  return { match: { ...alpn, transportProtocol: 'tls' }, carries, terminatesTls: true };
}

function cleartext(
  carries: 'http' | 'tcp',
  applicationProtocols?: readonly string[],
): InboundChainKind {
  const detected = applicationProtocols === undefined ? {} : { applicationProtocols };
  const match = { ...detected, transportProtocol: 'raw_buffer' };
  return { match, carries, terminatesTls: false };
}

/** TLS that is the application's own business. */
const OPAQUE_TLS: InboundChainKind = {
  match: { transportProtocol: 'tls' },
  carries: 'tcp',
  terminatesTls: false,
};

const HTTP: KindsByMode = {
  strict: [mutualTls('http')],
  permissive: [mutualTls('http', MESH_ALPN), cleartext('http')],
  plaintext: [cleartext('http')],
};

const TCP: KindsByMode = {
  strict: [mutualTls('tcp')],
  permissive: [mutualTls('tcp', MESH_ALPN), OPAQUE_TLS, cleartext('tcp')],
  plaintext: [cleartext('tcp')],
};

const AUTO: KindsByMode = {
  strict: [mutualTls('http', MESH_HTTP_ALPN), mutualTls('tcp')],
  permissive: [
    mutualTls('http', MESH_HTTP_ALPN),
    cleartext('http', CLEARTEXT_HTTP),
    mutualTls('tcp', MESH_TCP_ALPN),
    cleartext('tcp'),
    OPAQUE_TLS,
  ],
  plaintext: [cleartext('http', CLEARTEXT_HTTP), cleartext('tcp')],
};
