import type { Path } from '#source/path.ts';
import type { ClientTlsSettings } from '../istio/destination-rule.ts';
import { Findings } from './findings.ts';
import { quoted } from './go-format.ts';

const CONFIG_MAP = 'configmap://';

/** @source istio: pkg/config/validation/agent/validation.go, ValidateTLS */
export function checkClientTls(
  namespace: string,
  tls: ClientTlsSettings | undefined,
  path: Path,
): Findings {
  const findings = new Findings();
  if (tls === undefined) return findings;
  if (tls.credentialName.startsWith(CONFIG_MAP))
    findings.check([...path, 'credentialName'], configMapProblem(tls.credentialName, namespace));
  if (tls.insecureSkipVerify === true)
    findings.check([...path, 'insecureSkipVerify'], insecureProblem(tls));
  const isOneOf = tls.mode === 'SIMPLE' || tls.mode === 'MUTUAL';
  if (isOneOf && tls.credentialName !== '') {
    // The credential is fetched remotely: no file is needed, none may be given.
    if (tls.clientCertificate || tls.caCertificates || tls.privateKey || tls.caCrl)
      findings.error(
        path,
        'cannot specify client certificates or CA certificate or CA CRL If credentialName is set',
      );
    return findings;
  }
  if (tls.mode === 'MUTUAL') {
    if (tls.clientCertificate === '')
      findings.error(path, 'client certificate required for mutual tls');
    if (tls.privateKey === '') findings.error(path, 'private key required for mutual tls');
  }
  return findings;
}

function insecureProblem(tls: ClientTlsSettings): string | undefined {
  const verifies = tls.caCertificates !== '' || tls.subjectAltNames.length > 0;
  if (tls.mode === 'SIMPLE' && (verifies || tls.credentialName !== ''))
    return 'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true';
  if (tls.mode === 'MUTUAL' && verifies)
    return 'cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true';
  return undefined;
}

/** @source istio: pilot/pkg/model/credentials/resource.go, ParseResourceName */
function configMapProblem(credentialName: string, namespace: string): string | undefined {
  const prefix = 'invalid configmap:// credentialName: ';
  const parts = credentialName.slice(CONFIG_MAP.length).split('/');
  const malformed = `${prefix}invalid resource name ${quoted(credentialName)}. Expected`;
  if (parts.length <= 1) return `${malformed} namespace and name`;
  if (parts[0] === '') return `${malformed} namespace`;
  if (parts[1] === '') return `${malformed} name`;
  return parts[0] === namespace && namespace !== ''
    ? undefined
    : `${prefix}namespace must match the configuration namespace ${quoted(namespace)}`;
}
