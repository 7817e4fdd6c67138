import type { Json, TransportSocket } from '#xds/core.ts';

/**
 * What a proxy presents and demands where it terminates TLS.
 *
 * @source istio: pilot/pkg/security/authn/utils/utils.go, BuildInboundTLS;
 *   pilot/pkg/security/model/authentication.go, ApplyToCommonTLSContext
 */
export function meshInboundTls(
  carries: 'http' | 'tcp',
  trustDomains: readonly string[],
): TransportSocket {
  const context = {
    ...workloadCertificate(trustDomains.map((domain) => ({ prefix: `spiffe://${domain}/` }))),
    alpnProtocols: carries === 'tcp' ? ['istio-peer-exchange', ...HTTP_ALPN] : HTTP_ALPN,
    tlsParams: {
      cipherSuites: MESH_CIPHERS,
      tlsMaximumProtocolVersion: 'TLSv1_3',
      tlsMinimumProtocolVersion: 'TLSv1_2',
    },
  };
  return downstreamTls(context, true);
}

/** `envoy.transport_sockets.tls` of a listener. */
export function downstreamTls(
  commonTlsContext: Json,
  requiresClientCertificate: boolean,
): TransportSocket {
  return {
    name: 'envoy.transport_sockets.tls',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      commonTlsContext,
      requireClientCertificate: requiresClientCertificate,
    },
  };
}

/** The mesh's own certificate, and its root for the peer's. */
export function workloadCertificate(matchSubjectAltNames: readonly Json[]): {
  [key: string]: Json;
} {
  const names = matchSubjectAltNames.length === 0 ? {} : { matchSubjectAltNames };
  return {
    tlsCertificateSdsSecretConfigs: [{ name: 'default', sdsConfig: AGENT_SDS }],
    combinedValidationContext: {
      defaultValidationContext: names,
      validationContextSdsSecretConfig: { name: 'ROOTCA', sdsConfig: AGENT_SDS },
    },
  };
}

export const HTTP_ALPN: readonly string[] = ['h2', 'http/1.1'];

const AGENT_SDS: Json = {
  apiConfigSource: {
    apiType: 'GRPC',
    grpcServices: [{ envoyGrpc: { clusterName: 'sds-grpc' } }],
    setNodeOnFirstMessageOnly: true,
    transportApiVersion: 'V3',
  },
  initialFetchTimeout: '0s',
  resourceApiVersion: 'V3',
};

const MESH_CIPHERS = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-GCM-SHA256',
];
