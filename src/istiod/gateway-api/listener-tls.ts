import type { FrontendTls, ListenerTls } from '#config/gateway-api/gateway.ts';
import type { ObjectReference, SecretObjectReference } from '#config/gateway-api/references.ts';
import type { KubernetesGateway } from '#config/resource.ts';
import { isCipherSuite } from '#config/validation/cipher-suites.ts';
import { type ConfigError, joinErrors } from './config-error.ts';
import type { ConfigValue } from './made-config.ts';
import { CONFIG_MAP, KUBERNETES_GATEWAY, referencedKind, SECRET } from './object-kind.ts';
import type { Surroundings } from './surroundings.ts';

const TERMINATE_MODE = 'gateway.istio.io/tls-terminate-mode';
const CIPHER_SUITES = 'gateway.istio.io/tls-cipher-suites';

/** The `tls` of the server that a listener becomes, and what is wrong with it. */
export interface ServerTls {
  readonly settings: { readonly [field: string]: ConfigValue } | undefined;
  readonly error?: ConfigError | undefined;
}

/**
 * A listener's TLS as a server's.
 *
 * @source istio: pilot/pkg/config/kube/gateway/conversion.go, buildTLS
 */
export function serverTls(
  gateway: KubernetesGateway,
  listener: { readonly port: number; readonly tls: ListenerTls | undefined },
  around: Surroundings,
): ServerTls {
  const { tls } = listener;
  if (tls === undefined) return { settings: undefined };
  const built =
    tls.mode === 'Passthrough'
      ? { settings: {} }
      : terminating(gateway, tls, frontendOf(gateway, listener.port), around);
  if (built.error !== undefined || built.isWhole) return built;
  const suites = cipherSuites(tls.options.get(CIPHER_SUITES));
  return { settings: { ...built.settings, cipherSuites: suites } };
}

/** @source istio: the same file, resolveGatewayTLS */
function frontendOf({ spec }: KubernetesGateway, port: number): FrontendTls | undefined {
  const frontend = spec.tls?.frontend;
  return frontend?.perPort.find((entry) => entry.port === port)?.tls ?? frontend?.default;
}

interface Terminating extends ServerTls {
  /** Nothing else is added to it. */
  readonly isWhole?: true;
}

function terminating(
  gateway: KubernetesGateway,
  tls: ListenerTls,
  frontend: FrontendTls | undefined,
  around: Surroundings,
): Terminating {
  const wanted = tls.options.get(TERMINATE_MODE) ?? '';
  if (wanted === 'ISTIO_SIMPLE')
    return { settings: { mode: 'SIMPLE', credentialName: 'builtin://' }, isWhole: true };
  if (wanted === 'ISTIO_MUTUAL') return { settings: { mode: wanted }, isWhole: true };
  const isMutual = wanted === 'MUTUAL' || wanted === 'OPTIONAL_MUTUAL';
  const base = { mode: isMutual ? wanted : 'SIMPLE' };
  if (tls.certificateRefs.length > 2) {
    const message = 'TLS mode can only support up to 2 server certificates';
    return { settings: base, error: { reason: 'InvalidCertificateRef', message } };
  }
  const found = tls.certificateRefs.map((ref) => certificate(gateway, ref, around));
  const valid = found.flatMap(({ credential }) => (credential === undefined ? [] : [credential]));
  if (valid.length === 0) {
    const error = found.reduce<ConfigError | undefined>(
      (joined, one) => joinErrors(joined, one.error),
      undefined,
    );
    return error === undefined ? { settings: base, isWhole: true } : { settings: base, error };
  }
  const credentials =
    valid.length === 1
      ? { credentialName: found[0]!.credential }
      : { credentialNames: found.map(({ credential }) => credential ?? '') };
  return withClientValidation({ ...base, ...credentials }, { gateway, wanted, frontend, around });
}

/** Callers must show certificates where the gateway's `tls.frontend` says so. */
function withClientValidation(
  settings: { readonly [field: string]: ConfigValue },
  it: {
    readonly gateway: KubernetesGateway;
    readonly wanted: string;
    readonly frontend: FrontendTls | undefined;
    readonly around: Surroundings;
  },
): ServerTls {
  const validation = it.frontend?.validation;
  const [reference, second] = validation?.caCertificateRefs ?? [];
  if (validation === undefined || reference === undefined) return { settings };
  if (second !== undefined) {
    const message = 'only one caCertificateRef is supported';
    return { settings, error: { reason: 'InvalidCACertificateRef', message } };
  }
  const authority = certificateAuthority(it.gateway, reference, it.around);
  if (authority.credential === undefined) return { settings, error: authority.error };
  const allowsNone = validation.mode === 'AllowInsecureFallback';
  const isExplicit = it.wanted === 'MUTUAL' || it.wanted === 'OPTIONAL_MUTUAL';
  return {
    settings: {
      ...settings,
      mode: isExplicit ? it.wanted : allowsNone ? 'OPTIONAL_MUTUAL' : 'MUTUAL',
      insecureSkipVerify: allowsNone && !isExplicit,
      caCertCredentialName: authority.credential,
    },
  };
}

interface Credential {
  readonly credential?: string;
  readonly error?: ConfigError;
}

/** @source istio: the same file, buildSecretReference */
function certificate(
  gateway: KubernetesGateway,
  reference: SecretObjectReference,
  around: Surroundings,
): Credential {
  const own = gateway.metadata.namespace;
  const namespace = reference.namespace ?? own;
  const { name } = reference;
  const fail = (reason: ConfigError['reason'], message: string): Credential => ({
    error: { reason, message },
  });
  if (namespace !== own && !isSecretAllowed(gateway, { kind: SECRET, namespace }, name, around))
    return fail(
      'RefNotPermitted',
      `certificateRef ${name}/${namespace} not accessible to a Gateway in namespace "${own}" (missing a ReferenceGrant?)`,
    );
  const text = `${reference.group ?? ''}/${reference.kind ?? ''}/${name}.${reference.namespace ?? ''}`;
  if (referencedKind(reference, SECRET) !== SECRET)
    return fail(
      'InvalidCertificateRef',
      `invalid certificate reference ${text}, only secret is allowed`,
    );
  const problem = around.certificateProblem('Secret', namespace, name);
  if (problem !== undefined)
    return fail('InvalidCertificateRef', `invalid certificate reference ${text}, ${problem}`);
  return { credential: `kubernetes-gateway://${namespace}/${name}` };
}

/** @source istio: the same file, buildCaCertificateReference */
function certificateAuthority(
  gateway: KubernetesGateway,
  reference: ObjectReference,
  around: Surroundings,
): Credential {
  const own = gateway.metadata.namespace;
  const namespace = reference.namespace ?? own;
  const { name } = reference;
  const kind = referencedKind(reference, '/');
  const text = `${reference.group}/${reference.kind}/${name}.${reference.namespace ?? ''}`;
  const isSecret = kind === SECRET;
  const allowedKind = isSecret ? SECRET : CONFIG_MAP;
  if (
    namespace !== own &&
    !isSecretAllowed(gateway, { kind: allowedKind, namespace }, name, around)
  ) {
    const message = `caCertificateRef ${namespace}/${name} not accessible to a Gateway in namespace "${own}" (missing a ReferenceGrant?)`;
    return { error: { reason: 'RefNotPermitted', message } };
  }
  if (!isSecret && kind !== CONFIG_MAP) {
    const message = `invalid CA certificate reference ${text}, only secret and configmap are allowed`;
    return { error: { reason: 'InvalidCACertificateKind', message } };
  }
  const problem = around.authorityProblem(isSecret ? 'Secret' : 'ConfigMap', namespace, name);
  if (problem !== undefined) {
    const message = `invalid CA certificate reference ${text}, ${problem}`;
    return { error: { reason: 'InvalidCACertificateRef', message } };
  }
  const type = isSecret ? 'kubernetes-gateway' : 'configmap';
  return { credential: `${type}://${namespace}/${name}-cacert` };
}

function isSecretAllowed(
  gateway: KubernetesGateway,
  to: { readonly kind: string; readonly namespace: string },
  name: string,
  around: Surroundings,
): boolean {
  const from = { kind: KUBERNETES_GATEWAY, namespace: gateway.metadata.namespace };
  return around.grants.allows(from, to, name);
}

/**
 * What is wrong with the certificate that a gateway shows to backends.
 *
 * @source istio: the same file, validateBackendClientCertificateRef
 */
export function clientCertificateError(
  gateway: KubernetesGateway,
  around: Surroundings,
): ConfigError | undefined {
  const reference = gateway.spec.tls?.backend?.clientCertificateRef;
  if (reference === undefined) return undefined;
  const own = gateway.metadata.namespace;
  const namespace = reference.namespace ?? own;
  const problem =
    referencedKind(reference, SECRET) === SECRET
      ? around.certificateProblem('Secret', namespace, reference.name)
      : 'only secret is allowed';
  if (problem !== undefined) {
    const text = `${reference.group ?? ''}/${reference.kind ?? ''}/${reference.name}.${reference.namespace ?? ''}`;
    const message = `invalid clientCertificateRef ${text}, ${problem}`;
    return { reason: 'InvalidClientCertificateRef', message };
  }
  const to = { kind: SECRET, namespace };
  if (namespace === own || isSecretAllowed(gateway, to, reference.name, around)) return undefined;
  const message = `clientCertificateRef ${reference.name}/${namespace} not accessible to a Gateway in namespace "${own}" (missing a ReferenceGrant?)`;
  return { reason: 'RefNotPermitted', message };
}

/** @source istio: pkg/config/security/security.go, FilterCipherSuites */
function cipherSuites(option: string | undefined): readonly string[] {
  if (option === undefined || option === '') return [];
  const suites = option.split(',').map((suite) => suite.trim());
  return [...new Set(suites.filter(isCipherSuite))];
}
