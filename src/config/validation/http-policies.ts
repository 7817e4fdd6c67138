import { NS_PER_SECOND } from '#source/duration.ts';
import { grpcStatusCode } from '#source/grpc-status.ts';
import type { Path } from '#source/path.ts';
import type { StringMatch } from '../istio/shared-shapes.ts';
import type {
  CorsPolicy,
  HttpFaultInjection,
  HttpRetry,
  Percent,
} from '../istio/virtual-service.ts';
import { Findings } from './findings.ts';
import { floatText, isDecimalInteger, quoted } from './go-format.ts';
import { corsHeaderNameProblem } from './header-names.ts';
import { HTTP_STATUS_CODES } from './http-status.ts';
import { checkRegexMatch } from './string-match.ts';
import { durationProblem } from './value-checks.ts';

type Delay = NonNullable<HttpFaultInjection['delay']>;
type Abort = NonNullable<HttpFaultInjection['abort']>;

const CORS_METHODS = new Set('GET HEAD POST PUT PATCH DELETE CONNECT OPTIONS TRACE *'.split(' '));

/** @source istio: pkg/config/validation/validation.go, validateCORSPolicy */
export function checkCorsPolicy(policy: CorsPolicy | undefined, path: Path): Findings {
  const findings = new Findings();
  if (policy === undefined) return findings;
  policy.allowOrigins.forEach((origin, index) => {
    findings.add(checkOrigin(origin, [...path, 'allowOrigins', index]));
  });
  policy.allowMethods.forEach((method, index) => {
    if (!CORS_METHODS.has(method))
      findings.error(
        [...path, 'allowMethods', index],
        `${quoted(method)} is not a supported HTTP method`,
      );
  });
  for (const field of ['allowHeaders', 'exposeHeaders'] as const)
    policy[field].forEach((name, index) => {
      findings.check([...path, field, index], corsHeaderNameProblem(name));
    });
  if (policy.maxAge === undefined) return findings;
  const at = [...path, 'maxAge'];
  findings.check(at, durationProblem(policy.maxAge));
  if (policy.maxAge % NS_PER_SECOND > 0)
    findings.listed(at, 'max_age duration is accurate only to seconds precision');
  return findings;
}

function checkOrigin(origin: StringMatch, path: Path): Findings {
  const findings = new Findings();
  const match = origin.exact ?? origin.prefix ?? origin.regex ?? '';
  if (match === '')
    findings.error(path, `'${match}' is not a valid match type for CORS allow origins`);
  else findings.add(checkRegexMatch(origin, 'corsPolicy.allowOrigins', path));
  return findings;
}

/** @source istio: pkg/config/validation/validation.go, validateHTTPFaultInjection */
export function checkFault(fault: HttpFaultInjection | undefined, path: Path): Findings {
  const findings = new Findings();
  if (fault === undefined) return findings;
  if (fault.abort === undefined && fault.delay === undefined)
    findings.listed(path, 'HTTP fault injection must have an abort and/or a delay');
  if (fault.abort !== undefined) checkAbort(fault.abort, [...path, 'abort'], findings);
  if (fault.delay !== undefined) checkDelay(fault.delay, [...path, 'delay'], findings);
  return findings;
}

/** An abort without a kind is a warning in istiod that gets lost on its way. */
function checkAbort(abort: Abort, path: Path, findings: Findings): void {
  findings.check([...path, 'percentage'], percentageProblem(abort.percentage));
  if (abort.grpcStatus !== undefined)
    findings.check([...path, 'grpcStatus'], grpcStatusProblem(abort.grpcStatus));
  else if (abort.http2Error !== undefined)
    findings.error([...path, 'http2Error'], 'HTTP/2 abort fault injection not supported yet');
  else if (abort.httpStatus !== undefined)
    findings.check([...path, 'httpStatus'], httpStatusProblem(abort.httpStatus));
}

function checkDelay(delay: Delay, path: Path, findings: Findings): void {
  findings.check([...path, 'percentage'], percentageProblem(delay.percentage));
  if (delay.fixedDelay !== undefined)
    findings.check([...path, 'fixedDelay'], durationProblem(delay.fixedDelay));
  else if (delay.exponentialDelay !== undefined) {
    const at = [...path, 'exponentialDelay'];
    findings.check(at, durationProblem(delay.exponentialDelay));
    findings.listed(at, 'exponentialDelay not supported yet');
  }
}

/** @source istio: pkg/config/validation/validation.go, validatePercentage */
function percentageProblem(percentage: Percent | undefined): string | undefined {
  const value = percentage?.value ?? 0;
  const isValid = value === 0 || (value >= 0.0001 && value <= 100);
  return isValid
    ? undefined
    : `percentage ${floatText(value)} is neither 0.0, nor in range [0.0001, 100.0]`;
}

/** @source istio: pkg/config/validation/validation.go, validateHTTPStatus */
export function httpStatusProblem(status: number): string | undefined {
  return status < 200 || status > 600 ? `HTTP status ${status} is not in range 200-599` : undefined;
}

/** @source istio: pkg/util/grpc/codes.go, SupportedGRPCStatus */
function grpcStatusProblem(status: string): string | undefined {
  return grpcStatusCode(status) !== undefined
    ? undefined
    : `gRPC status ${quoted(status)} is not supported. See https://github.com/grpc/grpc/blob/master/doc/statuscodes.md for a list of supported codes, for example 'NOT_FOUND'`;
}

const RETRY_POLICIES = new Set(
  (
    '5xx gateway-error reset reset-before-request connect-failure retriable-4xx refused-stream ' +
    'retriable-status-codes retriable-headers envoy-ratelimited http3-post-connect-failure ' +
    'cancelled deadline-exceeded internal resource-exhausted unavailable'
  ).split(' '),
);

/** @source istio: pkg/config/validation/agent/validation.go, ValidateHTTPRetry */
export function checkRetries(retries: HttpRetry | undefined, path: Path): Findings {
  const findings = new Findings();
  if (retries === undefined) return findings;
  const { attempts, perTryTimeout, retryOn, retryRemoteLocalities, backoff } = retries;
  if (attempts < 0) findings.listed([...path, 'attempts'], 'attempts cannot be negative');
  const hasMore =
    perTryTimeout !== undefined || retryOn !== '' || retryRemoteLocalities !== undefined;
  if (attempts === 0 && hasMore)
    findings.error(path, 'http retry policy configured when attempts are set to 0 (disabled)');
  if (perTryTimeout !== undefined)
    findings.check([...path, 'perTryTimeout'], durationProblem(perTryTimeout));
  for (const policy of retryOn === '' ? [] : retryOn.split(','))
    if (!isRetryPolicy(policy))
      findings.error([...path, 'retryOn'], `${quoted(policy)} is not a valid retryOn policy`);
  if (backoff !== undefined) findings.check([...path, 'backoff'], durationProblem(backoff));
  return findings;
}

/** A condition of Envoy, or an HTTP status that the standard knows. */
function isRetryPolicy(policy: string): boolean {
  if (RETRY_POLICIES.has(policy)) return true;
  return isDecimalInteger(policy) && HTTP_STATUS_CODES.has(Number(policy));
}
