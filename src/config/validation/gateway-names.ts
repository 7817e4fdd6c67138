import type { Path } from '#source/path.ts';
import { fqdnProblem, isDnsLabel } from './domain-names.ts';
import { Findings } from './findings.ts';
import { quoted } from './go-format.ts';

/**
 * `gateways` of a VirtualService or of a match. The first name without a namespace ends the check: so it
 * is in istiod.
 *
 * @source istio: pkg/config/validation/validation.go, validateGatewayNames
 */
export function checkGatewayNames(
  names: readonly string[],
  isConverted: boolean,
  path: Path,
): Findings {
  const findings = new Findings();
  for (const [index, name] of names.entries()) {
    const at = [...path, index];
    const slash = name.indexOf('/');
    if (slash < 0) {
      checkUnqualified(name, at, findings);
      return findings;
    }
    const namespace = name.slice(0, slash);
    const gateway = name.slice(slash + 1);
    if (namespace === '' || gateway === '')
      findings.error(at, 'config namespace and gateway name cannot be empty');
    if (!isDnsLabel(namespace))
      findings.error(at, `invalid value for namespace: ${quoted(namespace)}`);
    if (!isDnsLabel(gateway) && !isConverted)
      findings.error(at, `invalid value for gateway name: ${quoted(gateway)}`);
  }
  return findings;
}

function checkUnqualified(name: string, path: Path, findings: Findings): void {
  if (name.includes('.')) {
    const [gateway, namespace] = name.split('.');
    const recommended = quoted(`${namespace}/${gateway}`);
    findings.warning(
      path,
      `using legacy gatewayName format ${quoted(name)}; prefer the <namespace>/<name> format: ${recommended}`,
    );
  }
  findings.check(path, fqdnProblem(name));
}
