import type { ClientTlsSettings } from '#config/istio/destination-rule.ts';
import type { Json, TransportSocket, TypedConfig } from '#xds/core.ts';

/** A TLS context in the making: what is common to every way of speaking TLS upstream. */
export interface UpstreamTlsContext extends TypedConfig {
  readonly sni?: string;
  readonly commonTlsContext: { readonly [field: string]: Json };
}

/** What decides about a TLS context beside the rule itself. */
export interface UpstreamTlsInput {
  readonly settings: ClientTlsSettings;
  /** The SNI and the identities of the service, which the rule's own override. */
  readonly sni: string;
  readonly serviceAccounts: readonly string[];
  readonly isHttp2: boolean;
  /** Names of a ServiceEntry stand in for names that the rule leaves out. */
  readonly isExternal: boolean;
  readonly cipherSuites: readonly string[];
  readonly ecdhCurves: readonly string[];
  /** Without an authority of the rule the system's are trusted; else nothing is verified. */
  readonly verifiesByDefault: boolean;
}

const TYPE = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';

const TLS_PARAMS = {
  tlsMinimumProtocolVersion: 'TLSv1_2',
  tlsMaximumProtocolVersion: 'TLSv1_3',
};

/** A TLS transport socket around a context. */
export function tlsSocket(context: UpstreamTlsContext): TransportSocket {
  const typedConfig: TransportSocket['typedConfig'] = { ...context };
  return { name: 'envoy.transport_sockets.tls', ...(typedConfig ? { typedConfig } : {}) };
}

/**
 * The mesh's own TLS: the workload's certificate, the peer's identities, Istio's ALPN.
 *
 * @source istio: pilot/pkg/networking/core/cluster_tls.go, buildUpstreamClusterTLSContext
 */
export function istioMutualContext(
  input: Omit<UpstreamTlsInput, 'settings'>,
  ruled: Pick<ClientTlsSettings, 'sni' | 'subjectAltNames'>,
): UpstreamTlsContext {
  const given = ruled.subjectAltNames;
  const names = given.length === 0 ? input.serviceAccounts : given;
  const sni = ruled.sni || input.sni;
  return {
    '@type': TYPE,
    commonTlsContext: {
      tlsParams: TLS_PARAMS,
      alpnProtocols: input.isHttp2
        ? ['istio-peer-exchange', 'istio', 'h2']
        : ['istio-peer-exchange', 'istio'],
      tlsCertificateSdsSecretConfigs: [agentSecret('default', true)],
      combinedValidationContext: {
        defaultValidationContext: exactNames(names),
        validationContextSdsSecretConfig: agentSecret('ROOTCA', true),
      },
    },
    ...(sni === '' ? {} : { sni }),
  };
}

/**
 * TLS as the rule describes it: SIMPLE, or MUTUAL with a client certificate. Undefined when MUTUAL
 * lacks its certificate: istiod then leaves the cluster in plaintext.
 *
 * @source istio: pilot/pkg/networking/core/cluster_tls.go, constructUpstreamTLS
 */
export function userTlsContext(input: UpstreamTlsInput): UpstreamTlsContext | undefined {
  const { settings } = input;
  const isMutual = settings.mode === 'MUTUAL';
  const isByFile = !settings.credentialName;
  if (isByFile && isMutual && !(settings.clientCertificate && settings.privateKey)) {
    return undefined;
  }
  const secrets = isByFile ? fileSecrets(input) : credentialSecrets(input);
  return {
    '@type': TYPE,
    commonTlsContext: {
      tlsParams: {
        ...TLS_PARAMS,
        ...(input.ecdhCurves.length === 0 ? {} : { ecdhCurves: input.ecdhCurves }),
        ...(input.cipherSuites.length === 0 ? {} : { cipherSuites: input.cipherSuites }),
      },
      ...secrets,
      ...(input.isHttp2 ? { alpnProtocols: ['h2'] } : {}),
    },
    ...(settings.sni ? { sni: settings.sni } : {}),
  };
}

/** The names that the peer's certificate must carry, as far as anybody gave any. */
function expectedNames(input: UpstreamTlsInput): readonly string[] {
  const given = input.settings.subjectAltNames;
  return given.length === 0 && input.isExternal ? input.serviceAccounts : given;
}

function fileSecrets(input: UpstreamTlsInput): { readonly [field: string]: Json } {
  const { settings } = input;
  const ca = settings.caCertificates || 'system';
  const certificate =
    settings.mode === 'MUTUAL'
      ? {
          tlsCertificateSdsSecretConfigs: [
            agentSecret(`file-cert:${settings.clientCertificate}~${settings.privateKey}`, false),
          ],
        }
      : {};
  const isUnverified = !input.verifiesByDefault && settings.caCertificates === '';
  if (settings.insecureSkipVerify || isUnverified) return { ...certificate, validationContext: {} };
  return {
    ...certificate,
    combinedValidationContext: {
      defaultValidationContext: {
        ...exactNames(expectedNames(input)),
        ...(settings.caCrl ? { crl: { filename: settings.caCrl } } : {}),
      },
      validationContextSdsSecretConfig: agentSecret(`file-root:${ca}`, false),
    },
  };
}

/** @source istio: pilot/pkg/security/model/authentication.go, ApplyCustomSDSToClientCommonTLSContext */
function credentialSecrets(input: UpstreamTlsInput): { readonly [field: string]: Json } {
  const { settings } = input;
  const name = settings.credentialName;
  return {
    ...(settings.mode === 'MUTUAL'
      ? { tlsCertificateSdsSecretConfigs: [credentialSecret(name)] }
      : {}),
    ...(settings.insecureSkipVerify
      ? {}
      : {
          combinedValidationContext: {
            defaultValidationContext: exactNames(expectedNames(input)),
            validationContextSdsSecretConfig: credentialSecret(`${name}-cacert`),
          },
        }),
  };
}

function exactNames(names: readonly string[]): { readonly [field: string]: Json } {
  return names.length === 0 ? {} : { matchSubjectAltNames: names.map((exact) => ({ exact })) };
}

/** A secret that the proxy's own agent serves. */
function agentSecret(name: string, isAwaited: boolean): Json {
  return {
    name,
    sdsConfig: {
      apiConfigSource: {
        apiType: 'GRPC',
        grpcServices: [{ envoyGrpc: { clusterName: 'sds-grpc' } }],
        setNodeOnFirstMessageOnly: true,
        transportApiVersion: 'V3',
      },
      ...(isAwaited ? { initialFetchTimeout: '0s' } : {}),
      resourceApiVersion: 'V3',
    },
  };
}

/** A secret that istiod itself serves. */
function credentialSecret(name: string): Json {
  const isTyped = name.includes('://');
  return {
    name: isTyped ? name : `kubernetes://${name}`,
    sdsConfig: { ads: {}, resourceApiVersion: 'V3' },
  };
}
