import { HeaderMap } from '#envoy/http/header-map.ts';
import {
  clusterNotFound,
  DOWNSTREAM_DISCONNECT,
  directResponse,
  faultAborted,
  LOCAL_RATE_LIMITED,
  NO_HEALTHY_UPSTREAM,
  type Outcome,
  ROUTE_NOT_FOUND,
  resetAfterResponse,
  resetBeforeResponse,
  timedOut,
  VIA_UPSTREAM,
} from '#envoy/router/response-outcome.ts';
import type { StreamResetReason } from '#envoy/router/retry-decision.ts';
import { type RetryDecision, RetryState } from '#envoy/router/retry-state.ts';
import { ClusterStats } from '#envoy/upstream/cluster-stats.ts';
import { ResourceManager } from '#envoy/upstream/resource-manager.ts';
import { type Random, randomStream } from '#kernel/random.ts';
import {
  type FlagSequence,
  flagsText,
  type ResponseFlag,
  withFlag,
} from '#telemetry/response-flags.ts';
import type { VectorAdapter } from './adapter.ts';
import { retryPolicyOf } from './support/attempts.ts';
import { configurationOf, requestOf } from './support/routes.ts';

/**
 * The situations are sentences. Those that end before the router are an outcome of their own; the
 * others are attempts, played through the retry state until one is final.
 */
export const run: VectorAdapter = ({ situation }: { readonly situation: string }) => {
  const ended = withoutAttempt(situation) ?? afterHeaders(situation) ?? attempted(situation);
  return { expect: ended };
};

interface Ended {
  readonly code: number;
  readonly flags: string;
  readonly details: string;
  readonly body: string | null;
  readonly attempt_count: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function ended(
  outcome: Outcome,
  attempts: number,
  flags: FlagSequence = 0,
  body: string | null = outcome.body,
): Ended {
  const all = outcome.flag === undefined ? flags : withFlag(flags, outcome.flag);
  return {
    code: outcome.status,
    flags: flagsText(all),
    details: outcome.details,
    body,
    attempt_count: attempts,
    headers: Object.fromEntries(outcome.headers),
  };
}

/** Ends before, or instead of, the first attempt's result. */
function withoutAttempt(situation: string): Ended | undefined {
  const number = Number(/\d{3}/.exec(situation)?.[0]);
  if (situation.startsWith('unknown cluster')) return ended(unknownCluster(situation), 0);
  if (situation === 'no route matches') return ended(ROUTE_NOT_FOUND, 0);
  if (situation.startsWith('redirect')) return ended(directResponse(number, ''), 0);
  if (situation.startsWith('fault abort')) return ended(faultAborted(number), 0);
  if (situation.startsWith('local rate limit')) return ended(LOCAL_RATE_LIMITED, 0);
  if (situation.startsWith('subset without match')) return ended(NO_HEALTHY_UPSTREAM, 1);
  if (situation.startsWith('client disconnects')) return ended(DOWNSTREAM_DISCONNECT, 1, 0, null);
  return undefined;
}

function unknownCluster(situation: string): Outcome {
  const code = /response_code (\w+)/.exec(situation)?.[1];
  const { virtualHosts } = configurationOf([
    {
      match: { prefix: '/' },
      route: { cluster: 'x', ...(code && { cluster_not_found_response_code: code }) },
    },
  ]);
  return clusterNotFound(virtualHosts[0]!.routes[0]!.entries[0]!.forward!.clusterNotFoundStatus);
}

/** The answer had begun: its status stays, the flag says what became of it. */
function afterHeaders(situation: string): Ended | undefined {
  const logged = (flag: ResponseFlag, details: string): Ended => ({
    code: 200,
    flags: flagsText(withFlag(0, flag)),
    details,
    body: null,
    attempt_count: 1,
  });
  if (situation.includes('in the middle of a content-length body')) {
    const { flag, details } = resetAfterResponse('protocol-error', '');
    return logged(flag, details);
  }
  if (!situation.includes('after response headers were forwarded')) return undefined;
  const { flag, details } = timedOut('route');
  return logged(flag!, details);
}

/** How one attempt ends. */
interface AttemptEnd {
  readonly status?: number;
  readonly reset?: StreamResetReason;
  readonly transportFailure?: string;
  readonly isPerTryTimeout?: boolean;
}

const REFUSED: AttemptEnd = {
  reset: 'remote-connection-failure',
  transportFailure: 'delayed connect error: Connection refused',
};

const ATTEMPTS: readonly (readonly [start: string, end: AttemptEnd])[] = [
  ['connection refused', REFUSED],
  ['connect timeout', { reset: 'connection-timeout' }],
  ['upstream closes', { reset: 'connection-termination' }],
  ['HTTP/2 upstream RST_STREAM', { reset: 'remote-reset' }],
  ['pending queue full', { reset: 'overflow' }],
  ['per-try timeout', { reset: 'local-reset', isPerTryTimeout: true }],
];

function attemptEndOf(situation: string): AttemptEnd {
  const status = /^status (\d{3})/.exec(situation)?.[1];
  if (status !== undefined) return { status: Number(status) };
  const found = ATTEMPTS.find(([start]) => situation.startsWith(start));
  if (found === undefined) throw new Error(`no reading for the situation: ${situation}`);
  return found[1];
}

const DECISION_FLAGS: ReadonlyMap<RetryDecision, ResponseFlag> = new Map([
  ['limit', 'URX'],
  ['overflow', 'UO'],
]);

function attempted(situation: string): Ended {
  const attempt = attemptEndOf(situation);
  const state = new RetryState();
  const hasRetries = state.start(
    policyOf(situation),
    requestOf({}),
    resourcesOf(situation),
    new ClusterStats(),
  );
  const random = randomStream(1, 'outcomes');
  let attempts = 1;
  let flags = 0;
  while (hasRetries) {
    const decision = decide(state, attempt, random);
    const flag = DECISION_FLAGS.get(decision);
    if (flag !== undefined) flags = withFlag(flags, flag);
    if (decision !== 'yes') break;
    if (situation.includes('back-off longer')) return ended(timedOut('route'), attempts, flags);
    attempts++;
    if (situation.includes('then retry finds no host'))
      return ended(NO_HEALTHY_UPSTREAM, attempts, flags);
  }
  if (attempt.status !== undefined) return forwarded(attempt.status, attempts, flags);
  const outcome = attempt.isPerTryTimeout
    ? timedOut('per-try')
    : resetBeforeResponse(attempt.reset!, attempt.transportFailure ?? '', attempts > 1);
  return ended(outcome, attempts, flags);
}

function decide(state: RetryState, { status, reset }: AttemptEnd, random: Random): RetryDecision {
  return status === undefined
    ? state.shouldRetryReset(reset!, true, random)
    : state.shouldRetryHeaders(status, new HeaderMap(), random, 0, 0);
}

function policyOf(situation: string) {
  const [, retryOn, count] =
    /retry_on ([\w-]+)(?:,? (?:num_retries )?(\d+))?/.exec(situation) ?? [];
  // "then retry finds no host" says that there is a policy, not which.
  const implied = situation.includes('then retry') ? '5xx' : undefined;
  const tokens = retryOn ?? implied;
  if (tokens === undefined) return undefined;
  return retryPolicyOf({ retryOn: tokens, ...(count && { numRetries: Number(count) }) });
}

function resourcesOf(situation: string): ResourceManager {
  const isFull = /max_retries breaker 0|retries breaker is already full/.test(situation);
  return new ResourceManager({ maxRetries: isFull ? 0 : 3 });
}

function forwarded(status: number, attempts: number, flags: FlagSequence): Ended {
  return {
    code: status,
    flags: flagsText(flags),
    details: VIA_UPSTREAM,
    body: null,
    attempt_count: attempts,
  };
}
