import type { Path } from '#source/path.ts';
import type { ServerTlsSettings } from '../istio/gateway.ts';
import { isCipherSuite } from './cipher-suites.ts';
import { Findings } from './findings.ts';
import { listText } from './go-format.ts';

/** @source istio: pkg/config/validation/validation.go, validateTLSOptions */
export function checkServerTls(tls: ServerTlsSettings | undefined, path: Path): Findings {
  const findings = new Findings();
  if (tls === undefined) return findings;
  checkCiphers(tls, path, findings);
  if (tls.mode === 'ISTIO_MUTUAL') {
    checkIstioMutual(tls, path, findings);
    return findings;
  }
  if (tls.mode === 'PASSTHROUGH' || tls.mode === 'AUTO_PASSTHROUGH') {
    if (hasCertificates(tls))
      findings.warning(path, `${tls.mode} mode does not use certificates, they will be ignored`);
  }
  if (certificateSources(tls) > 1)
    findings.error(
      path,
      'only one of credential_name, credential_names, server_certificate/private_key, tls_certificates should be specified',
    );
  checkTermination(tls, path, findings);
  return findings;
}

function checkCiphers(tls: ServerTlsSettings, path: Path, findings: Findings): void {
  const isOld = tls.minProtocolVersion === 'TLSV1_0' || tls.minProtocolVersion === 'TLSV1_1';
  if (isOld && tls.cipherSuites.length === 0)
    findings.warning(
      [...path, 'minProtocolVersion'],
      'TLS version below TLSV1_2 require setting compatible ciphers as by default they no longer include compatible ciphers.',
    );
  const invalid = new Set<string>();
  const valid = new Set<string>();
  const duplicate = new Set<string>();
  for (const suite of tls.cipherSuites) {
    if (!isCipherSuite(suite)) invalid.add(suite);
    else if (valid.has(suite)) duplicate.add(suite);
    else valid.add(suite);
  }
  const at = [...path, 'cipherSuites'];
  if (invalid.size > 0)
    findings.warning(at, `ignoring invalid cipher suites: ${listText([...invalid].sort())}`);
  if (duplicate.size > 0)
    findings.warning(at, `ignoring duplicate cipher suites: ${listText([...duplicate].sort())}`);
}

function checkIstioMutual(tls: ServerTlsSettings, path: Path, findings: Findings): void {
  const forbidden: readonly (readonly [boolean, string])[] = [
    [tls.serverCertificate !== '', 'server certificate'],
    [tls.privateKey !== '', 'private key'],
    [tls.caCertificates !== '', 'CA bundle'],
    [tls.tlsCertificates.length > 0, 'tlsCertificates'],
    [tls.credentialName !== '', 'credentialName'],
    [tls.credentialNames.length > 0, 'credentialNames'],
  ];
  for (const [isSet, words] of forbidden)
    if (isSet) findings.error(path, `ISTIO_MUTUAL TLS cannot have associated ${words}`);
}

function hasCertificates(tls: ServerTlsSettings): boolean {
  const texts = [tls.caCrl, tls.serverCertificate, tls.privateKey, tls.caCertificates];
  return (
    [...texts, tls.credentialName].some((it) => it !== '') ||
    tls.tlsCertificates.length > 0 ||
    tls.credentialNames.length > 0
  );
}

function certificateSources(tls: ServerTlsSettings): number {
  const sources = [
    tls.serverCertificate !== '' && tls.privateKey !== '',
    tls.credentialName !== '',
    tls.credentialNames.length > 0,
    tls.tlsCertificates.length > 0,
  ];
  return sources.filter(Boolean).length;
}

/** SIMPLE and the MUTUAL modes: certificates must be there, unless a credential brings them. */
function checkTermination(tls: ServerTlsSettings, path: Path, findings: Findings): void {
  const isMutual = tls.mode === 'MUTUAL' || tls.mode === 'OPTIONAL_MUTUAL';
  const terminates = tls.mode === 'SIMPLE' || isMutual;
  if (terminates && (tls.credentialName !== '' || tls.credentialNames.length > 0)) return;
  if (terminates) {
    const prefix = isMutual ? 'MUTUAL TLS' : 'SIMPLE TLS';
    if (isMutual && tls.caCertificates === '')
      findings.error(path, `${prefix} requires a client CA bundle`);
    if (tls.tlsCertificates.length > 2)
      findings.warning(path, `${prefix} can support up to 2 server certificates`);
    const certificates = tls.tlsCertificates.length > 0 ? tls.tlsCertificates : [tls];
    for (const { serverCertificate, privateKey } of certificates) {
      if (serverCertificate === '') findings.error(path, `${prefix} requires a server certificate`);
      if (privateKey === '') findings.error(path, `${prefix} requires a private key`);
    }
  }
  if (tls.caCrl === '') return;
  const at = [...path, 'caCrl'];
  if (tls.credentialName !== '')
    findings.error(
      at,
      'CRL is not supported with credentialName. CRL has to be specified in the credential',
    );
  if (tls.mode === 'SIMPLE') findings.error(at, 'CRL is not supported with SIMPLE TLS');
}
