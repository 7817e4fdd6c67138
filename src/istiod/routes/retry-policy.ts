import type { HttpRetry } from '#config/istio/virtual-service.ts';
import { formatProtoDuration } from '#source/duration.ts';
import { memoOf } from '#source/memo.ts';
import type { NamedTypedConfig } from '#xds/core.ts';
import type { RetryPolicy } from '#xds/route.ts';

/**
 * The retry policy of a route. Absent = the built-in default; no attempts = none at all.
 *
 * @source istio: pilot/pkg/networking/core/route/retry/retry.go, ConvertPolicy
 */
export function outboundRetryPolicy(
  retries: HttpRetry | undefined,
  hasConsistentHash: boolean,
  defaultStatusCodes: readonly number[],
): RetryPolicy | undefined {
  if (retries === undefined) return builtInPolicy(hasConsistentHash, defaultStatusCodes);
  if (retries.attempts <= 0) return undefined;
  const skipsPreviousHosts = retries.retryIgnorePreviousHosts ?? !hasConsistentHash;
  const statusCodes = retries.retryOn === '' ? defaultStatusCodes : [];
  return {
    ...defaultPolicy(skipsPreviousHosts ? PREVIOUS_HOSTS : {}, statusCodes),
    numRetries: retries.attempts,
    ...retryConditions(retries),
    ...perTryTimeout(retries),
    ...(retries.retryRemoteLocalities ? { retryPriority: PREVIOUS_PRIORITIES } : {}),
    ...backOff(retries),
  };
}

/**
 * The retry policy of a server's own proxy. There is one upstream, so only attempts, conditions and
 * back-off mean anything.
 *
 * @source istio: the same file, ConvertInboundPolicy
 */
export function inboundRetryPolicy(retries: HttpRetry | undefined): RetryPolicy | undefined {
  if (retries === undefined) return { retryOn: INBOUND_RETRY_ON, numRetries: DEFAULT_RETRIES };
  if (retries.attempts <= 0) return undefined;
  return {
    retryOn: INBOUND_RETRY_ON,
    numRetries: retries.attempts,
    ...retryConditions(retries),
    ...backOff(retries),
  };
}

const DEFAULT_RETRIES = 2;
const DEFAULT_RETRY_ON =
  'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';
const INBOUND_RETRY_ON = 'reset-before-request';
const RETRIABLE_STATUS_CODES = 'retriable-status-codes';

const PREVIOUS_HOSTS: Partial<RetryPolicy> = {
  retryHostPredicate: [
    {
      name: 'envoy.retry_host_predicates.previous_hosts',
      typedConfig: {
        '@type':
          'type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      },
    },
  ],
};

const previousPriorities = {
  '@type':
    'type.googleapis.com/envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
  updateFrequency: 2,
};
const PREVIOUS_PRIORITIES: NamedTypedConfig<typeof previousPriorities> = {
  name: 'envoy.retry_priorities.previous_priorities',
  typedConfig: previousPriorities,
};

function defaultPolicy(
  hostPredicate: Partial<RetryPolicy>,
  statusCodes: readonly number[],
): RetryPolicy {
  return {
    retryOn: DEFAULT_RETRY_ON,
    numRetries: DEFAULT_RETRIES,
    ...hostPredicate,
    hostSelectionRetryMaxAttempts: '5',
    ...(statusCodes.length === 0 ? {} : { retriableStatusCodes: statusCodes }),
  };
}

const hashing = memoOf((statusCodes: readonly number[]) => defaultPolicy({}, statusCodes));
const moving = memoOf((statusCodes: readonly number[]) =>
  defaultPolicy(PREVIOUS_HOSTS, statusCodes),
);

/** One object for all routes that say nothing. */
function builtInPolicy(hasConsistentHash: boolean, statusCodes: readonly number[]): RetryPolicy {
  return hasConsistentHash ? hashing(statusCodes) : moving(statusCodes);
}

/** Words and status codes of `retryOn`; codes need a word of their own to count. */
function retryConditions({ retryOn }: HttpRetry): Partial<RetryPolicy> {
  if (retryOn === '') return {};
  const parts = retryOn.split(',').map((part) => part.trim());
  const retriableStatusCodes = parts.filter(isStatusCode).map(Number);
  const words = parts.filter((part) => part !== '' && !isStatusCode(part)).join(',');
  if (retriableStatusCodes.length === 0) return { retryOn: words };
  const needsWord = !words.includes(RETRIABLE_STATUS_CODES);
  return {
    retryOn: needsWord ? `${words},${RETRIABLE_STATUS_CODES}` : words,
    retriableStatusCodes,
  };
}

/** A number that Go's `http.StatusText` knows. */
function isStatusCode(text: string): boolean {
  return /^[+-]?[0-9]+$/.test(text) && KNOWN_STATUS_CODES.has(Number(text));
}

const KNOWN_STATUS_CODES: ReadonlySet<number> = new Set([
  ...range(100, 103),
  ...range(200, 208),
  226,
  ...[300, 301, 302, 303, 304, 305, 307, 308],
  ...range(400, 418),
  ...[421, 422, 423, 424, 425, 426, 428, 429, 431, 451],
  ...range(500, 508),
  510,
  511,
]);

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function perTryTimeout({ perTryTimeout: timeoutNs }: HttpRetry): Partial<RetryPolicy> {
  return timeoutNs === undefined ? {} : { perTryTimeout: formatProtoDuration(timeoutNs) };
}

function backOff({ backoff: backoffNs }: HttpRetry): Partial<RetryPolicy> {
  if (backoffNs === undefined) return {};
  return { retryBackOff: { baseInterval: formatProtoDuration(backoffNs) } };
}
