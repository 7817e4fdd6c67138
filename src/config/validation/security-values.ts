import { quoted } from './go-format.ts';
import { isIpAddress, isIpPrefix } from './ip-address.ts';

/**
 * Values of AuthorizationPolicies, each check with the text of the first fault.
 *
 * @source istio: pkg/config/security/security.go
 */
export function emptyValueProblem(key: string, values: readonly string[]): string | undefined {
  return values.includes('') ? `empty value not allowed, found in ${key}` : undefined;
}

/** @source istio: the same file, CheckWildcardValues */
export function wildcardProblem(key: string, values: readonly string[]): string | undefined {
  const empty = emptyValueProblem(key, values);
  if (empty !== undefined) return empty;
  for (const value of values) {
    const count = value.split('*').length - 1;
    if (count > 1) return `at most one wildcard is allowed, found in ${key}: ${quoted(value)}`;
    if (count === 1 && !value.startsWith('*') && !value.endsWith('*'))
      return `wildcard is only allowed at the start or end, found in ${key}: ${quoted(value)}`;
  }
  return undefined;
}

/** @source istio: the same file, CheckTrustDomainValues */
export function trustDomainProblem(key: string, values: readonly string[]): string | undefined {
  const slashed = values.find((value) => value.includes('/'));
  return (
    wildcardProblem(key, values) ??
    (slashed === undefined
      ? undefined
      : `trust domain must not contain '/', found in ${key}: ${quoted(slashed)}`)
  );
}

const MAX_ACCOUNTS = 16;
const MAX_ACCOUNT_LENGTH = 320;
const ACCOUNT_FORMAT = "expected format 'serviceAccount' or 'namespace/serviceAccount'";

/** @source istio: the same file, CheckServiceAccount */
export function serviceAccountProblem(key: string, values: readonly string[]): string | undefined {
  if (values.length > MAX_ACCOUNTS) return `may not have more than ${MAX_ACCOUNTS} values`;
  for (const value of values) {
    const problem = accountProblem(key, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function accountProblem(key: string, value: string): string | undefined {
  const where = `${quoted(value)} in ${key}`;
  if (value === '') return `empty value not allowed, found in ${key}`;
  if (value.includes('*')) return `wildcard not allowed, found in ${key}`;
  const parts = value.split('/');
  if (parts.length > 2) return `${ACCOUNT_FORMAT}, found ${where}`;
  if (value.length > MAX_ACCOUNT_LENGTH)
    return `value cannot exceed ${MAX_ACCOUNT_LENGTH} characters, found ${where}`;
  if (parts.length === 2 && parts[0] === '')
    return `${ACCOUNT_FORMAT}, found empty namespace ${where}`;
  return parts.at(-1) === '' ? `${ACCOUNT_FORMAT}, found empty serviceAccount ${where}` : undefined;
}

/** Every bad address. @source istio: the same file, ValidateIPs */
export function ipProblems(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => {
    if (!value.includes('/')) return isIpAddress(value) ? [] : [`bad IP address (${value})`];
    return isIpPrefix(value) ? [] : [`bad CIDR range (${value}): ${prefixFault(value)}`];
  });
}

/** @source go: src/net/netip/netip.go, ParsePrefix */
function prefixFault(text: string): string {
  const slash = text.lastIndexOf('/');
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  const fault = !isIpAddress(address)
    ? `ParseAddr(${quoted(address)}): ${addressFault(address)}`
    : address.includes('%')
      ? 'IPv6 zones cannot be present in a prefix'
      : /^(?:0|[1-9][0-9]*)$/.test(bits)
        ? 'prefix length out of range'
        : `bad bits after slash: ${quoted(bits)}`;
  return `netip.ParsePrefix(${quoted(text)}): ${fault}`;
}

/** @source go: src/net/netip/netip.go, parseIPv4Fields */
function addressFault(address: string): string {
  const kind = /[.:%]/.exec(address)?.[0];
  if (kind === '%') return 'missing IPv6 address';
  if (kind !== '.') return 'unable to parse IP';
  let fields = 1;
  let field = '';
  for (const [index, letter] of [...address].entries()) {
    if (/[0-9]/.test(letter)) {
      if (field === '0') return 'IPv4 field has octet with leading zero';
      field += letter;
      if (Number(field) > 255) return 'IPv4 field has value >255';
    } else if (letter !== '.') return `unexpected character (at ${quoted(address.slice(index))})`;
    else if (field === '' || index === address.length - 1)
      return `IPv4 field must have at least one digit (at ${quoted(address.slice(index))})`;
    else if (fields === 4) return 'IPv4 address too long';
    else {
      fields++;
      field = '';
    }
  }
  return 'IPv4 address too short';
}

const MAX_UINT32 = 4294967295;

/** Every bad port. @source istio: the same file, ValidatePorts */
export function portProblems(values: readonly string[]): readonly string[] {
  return values.flatMap((value) => {
    const number = /^[0-9]+$/.test(value) ? Number(value) : undefined;
    if (number !== undefined && number <= 65535) return [];
    const parsing = `strconv.ParseUint: parsing ${quoted(value)}: `;
    const fault =
      number === undefined
        ? `${parsing}invalid syntax`
        : number > MAX_UINT32
          ? `${parsing}value out of range`
          : '<nil>';
    return [`bad port (${value}): ${fault}`];
  });
}

const ONE = '{*}';
const ANY = '{**}';
const LITERAL = /^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/;

/** @source istio: the same file, CheckValidPathTemplate */
export function pathTemplateProblem(key: string, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    const problem = templateFault(path.replace(/^\/+|\/+$/g, ''), key);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function templateFault(path: string, key: string): string | undefined {
  const hasTemplate = path.includes(ONE) || path.includes(ANY);
  const refused = `invalid or unsupported path ${path}, found in ${key}. `;
  let isOver = false;
  for (const segment of path.split('/')) {
    const isTemplate = segment === ONE || segment === ANY;
    if (isTemplate && isOver) return `${refused}{**} is not the last operator`;
    if (segment === ANY) isOver = true;
    if (isTemplate) continue;
    if (/[{}]/.test(segment))
      return `${refused}Contains '{' or '}' beyond a supported path template`;
    if (hasTemplate && !LITERAL.test(segment))
      return `${refused}Contains segment ${segment} with invalid string literal`;
  }
  return undefined;
}

type Attribute = (key: string, values: readonly string[]) => string | undefined;
const anything: Attribute = () => undefined;
const mapKey: Attribute = (key) => {
  const open = key.indexOf('[');
  const isGood = key.endsWith(']') && open > 0 && open < key.length - 2;
  return isGood ? undefined : `bad key (${key}): should have format a[b]`;
};
const deprecated: Attribute = (key) => `deprecated attribute ${key}: only supported in v1alpha1`;
const addresses: Attribute = (_key, values) => listed(ipProblems(values));

const ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map([
  ['source.ip', addresses],
  ['remote.ip', addresses],
  ['source.namespace', anything],
  ['source.serviceAccount', serviceAccountProblem],
  ['source.principal', anything],
  ['source.trustDomain', wildcardProblem],
  ['request.auth.principal', anything],
  ['request.auth.audiences', anything],
  ['request.auth.presenter', anything],
  ['destination.ip', addresses],
  ['destination.port', (_key, values) => listed(portProblems(values))],
  ['connection.sni', anything],
  ['destination.namespace', (key) => `attribute ${key} is replaced by the metadata.namespace`],
  ['destination.name', deprecated],
  ['destination.user', deprecated],
]);
const PREFIXES: readonly (readonly [string, Attribute])[] = [
  ['request.headers', mapKey],
  ['request.auth.claims', mapKey],
  ['experimental.envoy.filters.', mapKey],
  ['destination.labels', (key) => `attribute ${key} is replaced by the workload selector`],
];

/** Of a condition's key with its values. @source istio: the same file, ValidateAttribute */
export function attributeProblem(key: string, values: readonly string[]): string | undefined {
  const empty = emptyValueProblem(key, values);
  if (empty !== undefined) return empty;
  const check = ATTRIBUTES.get(key) ?? PREFIXES.find(([prefix]) => key.startsWith(prefix))?.[1];
  return check === undefined ? `unknown attribute: ${key}` : check(key, values);
}

/** As Go's multierror prints: a list, even of one. */
function listed(problems: readonly string[]): string | undefined {
  if (problems.length === 0) return undefined;
  const count = problems.length === 1 ? '1 error' : `${problems.length} errors`;
  return `${count} occurred:\n\t${problems.map((it) => `* ${it}`).join('\n\t')}\n\n`;
}
