import type { ServerTlsSettings } from '#config/istio/gateway.ts';
import type { Json, TransportSocket } from '#xds/core.ts';
import { downstreamTls, HTTP_ALPN, workloadCertificate } from '../listeners/tls-context.ts';

/**
 * What a server that terminates TLS presents and demands.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, BuildListenerTLSContext;
 *   pilot/pkg/security/model/authentication.go, ApplyCredentialSDSToServerCommonTLSContext
 */
export function serverTls(tls: ServerTlsSettings, carries: 'http' | 'tcp'): TransportSocket {
  const isMesh = tls.mode === 'ISTIO_MUTUAL';
  const alpnProtocols =
    isMesh && carries === 'tcp' ? ['istio-peer-exchange', ...HTTP_ALPN] : HTTP_ALPN;
  const tlsParams = isMesh ? {} : parameters(tls);
  const context = {
    alpnProtocols,
    ...certificates(tls),
    ...(Object.keys(tlsParams).length === 0 ? {} : { tlsParams }),
  };
  return downstreamTls(context, isMesh || tls.mode === 'MUTUAL');
}

type Fields = { readonly [key: string]: Json };

function certificates(tls: ServerTlsSettings): Fields {
  if (tls.mode === 'ISTIO_MUTUAL') {
    return workloadCertificate(tls.subjectAltNames.map((exact) => ({ exact })));
  }
  const names = tls.credentialNames.length > 0 ? tls.credentialNames : [tls.credentialName];
  if (names[0] === '') return fileCertificates(tls);
  const ca = tls.caCertCredentialName || `${names[0]}-cacert`;
  return {
    tlsCertificateSdsSecretConfigs: names.map(clusterSecret),
    ...(validatesClient(tls) ? clientValidation(tls, clusterSecret(ca)) : sanValidation(tls)),
  };
}

/** Files in the pod are served by the agent, under names made of their paths. */
function fileCertificates(tls: ServerTlsSettings): Fields {
  const ca = tls.caCertificates;
  const pairs = tls.tlsCertificates.length > 0 ? tls.tlsCertificates : [tls];
  const secrets = pairs.map(({ serverCertificate, privateKey }) =>
    agentSecret(`file-cert:${serverCertificate}~${privateKey}`),
  );
  return {
    tlsCertificateSdsSecretConfigs: secrets,
    ...(validatesClient(tls) ? clientValidation(tls, agentSecret(`file-root:${ca}`)) : {}),
  };
}

function validatesClient({ mode }: ServerTlsSettings): boolean {
  return mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
}

function clientValidation(tls: ServerTlsSettings, secret: Json): Fields {
  const names = exactNames(tls);
  const { verifyCertificateSpki, verifyCertificateHash } = tls;
  const context = {
    ...(names.length === 0 ? {} : { matchSubjectAltNames: names }),
    ...(verifyCertificateSpki.length === 0 ? {} : { verifyCertificateSpki }),
    ...(verifyCertificateHash.length === 0 ? {} : { verifyCertificateHash }),
    ...(tls.insecureSkipVerify ? { trustChainVerification: 'ACCEPT_UNTRUSTED' } : {}),
  };
  return {
    combinedValidationContext: {
      defaultValidationContext: context,
      validationContextSdsSecretConfig: secret,
    },
  };
}

function sanValidation(tls: ServerTlsSettings): Fields {
  const names = exactNames(tls);
  return names.length === 0 ? {} : { validationContext: { matchSubjectAltNames: names } };
}

function exactNames({ subjectAltNames }: ServerTlsSettings): Json[] {
  return subjectAltNames.map((exact) => ({ exact }));
}

/** @source istio: listener.go, applyServerTLSSettings */
function parameters(tls: ServerTlsSettings): Fields {
  const { minProtocolVersion, maxProtocolVersion, cipherSuites, ecdhCurves } = tls;
  return {
    ...(minProtocolVersion === 'TLS_AUTO'
      ? {}
      : { tlsMinimumProtocolVersion: envoyVersion(minProtocolVersion) }),
    ...(maxProtocolVersion === 'TLS_AUTO'
      ? {}
      : { tlsMaximumProtocolVersion: envoyVersion(maxProtocolVersion) }),
    ...(cipherSuites.length === 0 ? {} : { cipherSuites }),
    ...(ecdhCurves.length === 0 ? {} : { ecdhCurves }),
  };
}

/** `TLSV1_2` is Envoy's `TLSv1_2`. */
function envoyVersion(version: string): string {
  return version.replace('TLSV', 'TLSv');
}

/** A secret of the cluster, as istiod serves it to a gateway. */
function clusterSecret(name: string): Json {
  const isTyped = name.includes('://');
  return {
    name: isTyped ? name : `kubernetes://${name}`,
    sdsConfig: { ads: {}, resourceApiVersion: 'V3' },
  };
}

function agentSecret(name: string): Json {
  const envoyGrpc = { clusterName: 'sds-grpc' };
  return {
    name,
    sdsConfig: {
      apiConfigSource: {
        apiType: 'GRPC',
        grpcServices: [{ envoyGrpc }],
        setNodeOnFirstMessageOnly: true,
        transportApiVersion: 'V3',
      },
      initialFetchTimeout: '0s',
      resourceApiVersion: 'V3',
    },
  };
}
