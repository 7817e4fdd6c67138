import { quoted } from './go-format.ts';
import { headerFormatProblem } from './header-value.ts';

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const PROBE_HEADER_NAME = /^[-A-Za-z0-9]+$/;
const PSEUDO_HEADERS = new Set([':method', ':scheme', ':authority', ':path', ':status']);
const EMPTY = 'header name cannot be empty';

const invalidName = (name: string): string => `header name ${name} is not a valid header name`;

/** @source istio: pkg/config/validation/validation.go, ValidateCORSHTTPHeaderName */
export function corsHeaderNameProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  return name === '*' || HEADER_NAME.test(name) ? undefined : invalidName(name);
}

/** @source istio: pkg/config/validation/validation.go, ValidateStrictHTTPHeaderName */
export function strictHeaderNameProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  return /^[-_A-Za-z0-9]+$/.test(name) ? undefined : invalidName(name);
}

/** @source istio: pkg/config/validation/validation.go, ValidateProbeHeaderName */
export function probeHeaderNameProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  return PROBE_HEADER_NAME.test(name) ? undefined : invalidName(name);
}

/** @source istio: pkg/config/validation/validation.go, ValidateHTTPHeaderNameOrJwtClaimRoute */
export function matchHeaderNameProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  const isValid = isJwtClaim(name) || PSEUDO_HEADERS.has(name) || HEADER_NAME.test(name);
  return isValid ? undefined : invalidName(name);
}

/** `@request.auth.claims.sub`, `@request.auth.claims[sub]`. @source istio: pkg/jwt/routing.go */
export function isJwtClaim(name: string): boolean {
  const prefix = '@request.auth.claims';
  if (!name.toLowerCase().startsWith(prefix)) return false;
  const rest = name.slice(prefix.length);
  return /^\..+$/s.test(rest) || /^\[.+\]$/s.test(rest);
}

/** A request header that is set or added. @source ValidateHTTPHeaderWithAuthorityOperationName */
export function requestHeaderProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  const isInternal = isInternalHeader(name) && !isAuthorityHeader(name);
  return isInternal ? withColon(name) : undefined;
}

/** A response header, or a request header that is removed. @source ValidateHTTPHeaderOperationName */
export function otherHeaderProblem(name: string): string | undefined {
  if (name === '') return EMPTY;
  if (name.toLowerCase() === 'host')
    return `invalid header ${quoted(name)}: cannot set Host header`;
  return isInternalHeader(name) ? withColon(name) : undefined;
}

function withColon(name: string): string {
  return `invalid header ${quoted(name)}: header cannot have ":" prefix`;
}

function isInternalHeader(name: string): boolean {
  return name.startsWith(':') || name.toLowerCase() === 'host';
}

/** @source istio: pkg/config/validation/virtualservice.go, isAuthorityHeader */
export function isAuthorityHeader(name: string): boolean {
  return ['host', ':authority'].includes(name.toLowerCase());
}

/** @source istio: pkg/config/validation/validation.go, ValidateHTTPHeaderValue */
export function headerValueProblem(value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value))
    return `header value configuration ${value} is invalid`;
  const problem = headerFormatProblem(value);
  return problem === undefined ? undefined : `header value configuration: ${problem}`;
}
