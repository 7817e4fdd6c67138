import {
  boolean,
  type Infer,
  list,
  map,
  object,
  protoEnum,
  string,
  uint32,
  wrapped,
} from '#source/shape.ts';
import { SERVER_TLS_RULES } from './cel-rules.ts';

const TLS_VERSIONS = ['TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3'] as const;

/** Also of a Sidecar's ingress listener. */
export const serverTlsSettingsShape = object(
  {
    httpsRedirect: boolean(),
    mode: protoEnum(
      'istio.networking.v1alpha3.ServerTLSSettings.TLSmode',
      'PASSTHROUGH',
      'SIMPLE',
      'MUTUAL',
      'AUTO_PASSTHROUGH',
      'ISTIO_MUTUAL',
      'OPTIONAL_MUTUAL',
    ),
    serverCertificate: string(),
    privateKey: string(),
    caCertificates: string(),
    caCrl: string(),
    credentialName: string(),
    credentialNames: list(string(), { minItems: 1, maxItems: 2 }),
    caCertCredentialName: string(),
    tlsCertificates: list(
      object({ serverCertificate: string(), privateKey: string(), caCertificates: string() }),
      { minItems: 1, maxItems: 2 },
    ),
    subjectAltNames: list(string()),
    verifyCertificateSpki: list(string()),
    verifyCertificateHash: list(string()),
    insecureSkipVerify: wrapped(boolean()),
    minProtocolVersion: protoEnum(
      'istio.networking.v1alpha3.ServerTLSSettings.TLSProtocol',
      ...TLS_VERSIONS,
    ),
    maxProtocolVersion: protoEnum(
      'istio.networking.v1alpha3.ServerTLSSettings.TLSProtocol',
      ...TLS_VERSIONS,
    ),
    cipherSuites: list(string()),
    ecdhCurves: list(string()),
  },
  { rules: SERVER_TLS_RULES },
);
export type ServerTlsSettings = Infer<typeof serverTlsSettingsShape>;

const serverShape = object(
  {
    port: object(
      { number: uint32(), protocol: string(), name: string(), targetPort: uint32() },
      { required: ['number', 'protocol', 'name'] },
    ),
    bind: string(),
    hosts: list(string()),
    tls: serverTlsSettingsShape,
    defaultEndpoint: string(),
    name: string(),
  },
  { required: ['port', 'hosts'] },
);
export type Server = Infer<typeof serverShape>;

/** @source istio.io/api: networking/v1alpha3/gateway.proto, Gateway */
export const gatewayShape = object({ servers: list(serverShape), selector: map(string()) });
export type GatewaySpec = Infer<typeof gatewayShape>;
