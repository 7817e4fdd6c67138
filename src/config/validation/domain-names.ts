import { byteLength, isDecimalInteger, quoted } from './go-format.ts';
import { isIpAddress } from './ip-address.ts';

const LABEL = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const WILDCARD_LABEL = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${LABEL})$`);
const MAX_LABEL = 63;
const MAX_DOMAIN = 255;

/** @source istio: pkg/config/labels/instance.go, IsDNS1123Label */
export function isDnsLabel(text: string): boolean {
  return text.length <= MAX_LABEL && DNS_LABEL.test(text);
}

function lengthProblem(name: string): string | undefined {
  if (byteLength(name) > MAX_DOMAIN) return `domain name ${quoted(name)} too long (max 255)`;
  return name === '' ? 'empty domain name not allowed' : undefined;
}

/** @source istio: pkg/config/validation/agent/validation.go, ValidateDNS1123Labels */
function labelsProblem(domain: string): string | undefined {
  const labels = domain.split('.');
  const top = labels.at(-1)!;
  if (isDecimalInteger(top))
    return `domain name ${quoted(domain)} invalid (top level domain ${quoted(top)} cannot be all-numeric)`;
  // The last label may be empty, for unambiguous names like `istio.io.`.
  const checked = top === '' ? labels.slice(0, -1) : labels;
  const bad = checked.find((label) => !isDnsLabel(label));
  return bad === undefined ? undefined : invalidLabel(domain, bad);
}

function invalidLabel(domain: string, label: string): string {
  return `domain name ${quoted(domain)} invalid (label ${quoted(label)} invalid)`;
}

/** @source istio: pkg/config/validation/agent/validation.go, ValidateFQDN */
export function fqdnProblem(domain: string): string | undefined {
  return lengthProblem(domain) ?? labelsProblem(domain);
}

/** @source istio: pkg/config/validation/agent/validation.go, ValidateWildcardDomain */
export function wildcardDomainProblem(domain: string): string | undefined {
  const tooLong = lengthProblem(domain);
  if (tooLong !== undefined) return tooLong;
  const dot = domain.indexOf('.');
  const first = dot < 0 ? domain : domain.slice(0, dot);
  if (first.length > MAX_LABEL || !WILDCARD_LABEL.test(first)) return invalidLabel(domain, first);
  return dot < 0 ? undefined : labelsProblem(domain.slice(dot + 1));
}

/** @source istio: pkg/config/validation/agent/validation.go, ValidatePartialWildCard */
export function partialWildcardProblem(host: string): string | undefined {
  const isPartial = host.includes('*') && host !== '*' && !host.startsWith('*.');
  return isPartial ? `partial wildcard ${quoted(host)} not allowed` : undefined;
}

const SNI_FORMAT = 'outbound_.<PORT>_._.<HOSTNAME>';

/**
 * Of hosts bound to a gateway, names such as `outbound_.80_._.a.test` are allowed where SNI is matched.
 *
 * @source istio: pkg/config/validation/agent/validation.go,
 *   ValidateWildcardDomainForVirtualServiceBoundToGateway
 */
export function gatewayDomainProblem(domain: string, matchesSni: boolean): string | undefined {
  if (!matchesSni || !domain.startsWith('outbound_')) return wildcardDomainProblem(domain);
  const tooLong = lengthProblem(domain);
  if (tooLong !== undefined) return tooLong;
  const parts = domain.split('_');
  if (parts.length < 4)
    return `domain name ${domain} invalid, should follow '${SNI_FORMAT}' format`;
  const port = trimDots(parts[1]!);
  if (!/[0-9]/.test(port)) return unformatted(domain, port);
  const host = trimDots(parts[3]!);
  return /[a-zA-Z]/.test(host) ? undefined : unformatted(domain, host);
}

function unformatted(domain: string, label: string): string {
  return `${invalidLabel(domain, label)}. should follow ${SNI_FORMAT} format`;
}

function trimDots(text: string): string {
  return text.replace(/^\.+|\.+$/g, '');
}

/**
 * Problems of `namespace/host` in a Gateway's servers and a Sidecar's egress.
 *
 * @source istio: pkg/config/validation/agent/validation.go, ValidateNamespaceSlashWildcardHostname
 */
export function namespacedHostProblems(
  host: string,
  of: 'gateway' | 'sidecar',
  hasGatewaySemantics: boolean,
): readonly string[] {
  const slash = host.indexOf('/');
  if (slash < 0)
    return of === 'gateway'
      ? hostPartProblems(host, of)
      : ['host must be of form namespace/dnsName'];
  const namespace = host.slice(0, slash);
  const name = host.slice(slash + 1);
  const problems: string[] = [];
  if (namespace === '' || name === '')
    problems.push('config namespace and dnsName in host entry cannot be empty');
  if (!isHostNamespace(namespace, of, hasGatewaySemantics))
    problems.push(`invalid namespace value ${quoted(namespace)} in ${of}`);
  return [...problems, ...hostPartProblems(name, of)];
}

function isHostNamespace(text: string, of: 'gateway' | 'sidecar', semantics: boolean): boolean {
  if (of === 'gateway') {
    return text === '*' || text === '.' || (text === '~' && semantics) || isDnsLabel(text);
  }
  const namespace = text.startsWith('~') ? text.slice(1) : text;
  return ['', '*', '.'].includes(namespace) || isDnsLabel(namespace);
}

function hostPartProblems(host: string, of: 'gateway' | 'sidecar'): readonly string[] {
  const problems: string[] = [];
  if (host !== '*' && !host.includes('.')) problems.push('short names (non FQDN) are not allowed');
  const invalid = wildcardDomainProblem(host);
  if (invalid !== undefined) {
    // A Sidecar's host gets the error twice: that is how istiod says it.
    if (of === 'sidecar') problems.push(invalid);
    if (!isIpAddress(host)) problems.push(invalid);
  }
  const partial = partialWildcardProblem(host);
  return partial === undefined ? problems : [...problems, partial];
}

/**
 * Whether two hosts overlap: equal, or one a wildcard that covers the other.
 *
 * @source istio: pkg/config/host/name.go, Matches
 */
export function hostsOverlap(first: string, second: string): boolean {
  return isHostWithin(first, second) || isHostWithin(second, first);
}

/** Whether every name that `host` stands for belongs to `other`. @source pkg/config/host/name.go, SubsetOf */
export function isHostWithin(host: string, other: string): boolean {
  if (!other.startsWith('*')) return host === other;
  const suffix = other.slice(1);
  if (!host.startsWith('*')) return host.endsWith(suffix);
  return host.length >= other.length && host.slice(1).endsWith(suffix);
}
