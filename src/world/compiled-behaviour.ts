import type { HttpRequest } from '#envoy/network.ts';
import { streamHash } from '#kernel/keyed-random.ts';
import type { Behaviour, Call, RequestPart } from './behaviour.ts';
import { CallRequests } from './call-requests.ts';
import { destinationOf } from './destination.ts';
import { type LatencySampler, latencySampler } from './latency.ts';
import type { Slowness } from './work-stretch.ts';

/** What a request's one error draw decides. */
export type Fate = number | 'reset' | 'hang';

/** A behaviour made ready: everything that needs no request is worked out once. */
export interface CompiledBehaviour {
  readonly concurrency: number;
  readonly queue: number;
  readonly overloadStatus: number;
  readonly isLifo: boolean;
  readonly maxWaitNs: number;
  readonly stopsForCaller: boolean;
  /** Undefined = work takes what its latency says. */
  readonly slowness: Slowness | undefined;
  readonly cpuCores: number;
  readonly listensLocally: boolean;
  readonly keepAliveNs: number;
  readonly refuseShare: number;
  readonly latency: LatencySampler;
  readonly latencyRules: readonly CompiledLatencyRule[];
  /** Upper ends of the categories of the error draw, with what they mean; the rest is 200. */
  readonly fates: readonly { readonly below: number; readonly fate: Fate }[];
  readonly steps: readonly CompiledStep[];
  readonly requests: CallRequests;
  readonly latencyPurpose: number;
  readonly errorPurpose: number;
  readonly chancePurpose: number;
  readonly refusePurpose: number;
}

export interface CompiledLatencyRule {
  readonly matches: (request: HttpRequest) => boolean;
  readonly latency: LatencySampler;
}

export interface CompiledStep {
  readonly calls: readonly CompiledCall[];
}

/** A call with its number among all calls of the behaviour. */
export interface CompiledCall extends Call {
  readonly index: number;
  /** Calls with the same destination share connections. */
  readonly destination: string;
  /** Undefined = it is made for any request. */
  readonly isFor: ((served: HttpRequest) => boolean) | undefined;
}

/**
 * Headers that a well-behaved application hands on so that its proxy can join the spans of a trace.
 *
 * @source istio: content/en/docs/tasks/observability/distributed-tracing/overview
 */
const TRACING_HEADERS = [
  'x-request-id',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'b3',
  'traceparent',
  'tracestate',
  'x-cloud-trace-context',
  'grpc-trace-bin',
  'baggage',
];

/** `owner` names the streams of its draws: `workload/default/reviews-v1`. */
export function compileBehaviour(
  behaviour: Behaviour,
  owner: string,
  seed: number,
): CompiledBehaviour {
  const steps = compileSteps(behaviour);
  return {
    concurrency: behaviour.concurrency,
    queue: behaviour.queue,
    overloadStatus: behaviour.overloadStatus,
    isLifo: behaviour.queueOrder === 'lifo',
    maxWaitNs: behaviour.maxWaitNs,
    stopsForCaller: behaviour.stopsForCaller,
    slowness: slownessOf(behaviour),
    cpuCores: behaviour.cpuCores,
    listensLocally: behaviour.listensLocally,
    keepAliveNs: behaviour.keepAliveNs,
    refuseShare: behaviour.errors.refuseShare,
    latency: latencySampler(behaviour.latency),
    latencyRules: behaviour.latencyBy.map((rule) => ({
      matches: (request) => matchesPart(rule, request),
      latency: latencySampler(rule.latency),
    })),
    fates: fatesOf(behaviour),
    steps,
    requests: new CallRequests(
      steps.flatMap((step) => step.calls),
      behaviour.forward === 'none' ? [] : [...TRACING_HEADERS, ...behaviour.forward],
    ),
    latencyPurpose: streamHash(seed, 'service/latency'),
    errorPurpose: streamHash(seed, 'service/error'),
    chancePurpose: streamHash(seed, 'service/chance'),
    refusePurpose: streamHash(seed, `${owner}/refuse`),
  };
}

/** The latency that applies to a request: the first rule that matches, else the base. */
export function latencyFor(behaviour: CompiledBehaviour, request: HttpRequest): LatencySampler {
  for (const rule of behaviour.latencyRules) if (rule.matches(request)) return rule.latency;
  return behaviour.latency;
}

/** What a uniform draw means for the request: 200 unless it falls into a category. */
export function fateOf(behaviour: CompiledBehaviour, uniform: number): Fate {
  for (const { below, fate } of behaviour.fates) if (uniform < below) return fate;
  return 200;
}

function fatesOf({ errors }: Behaviour): CompiledBehaviour['fates'] {
  const fates: { readonly below: number; readonly fate: Fate }[] = [];
  let below = 0;
  const add = (share: number, fate: Fate): void => {
    below += share;
    if (share > 0) fates.push({ below, fate });
  };
  for (const { status, share } of errors.statuses) add(share, status);
  add(errors.resetShare, 'reset');
  add(errors.hangShare, 'hang');
  return fates;
}

function slownessOf({ slowdownShare, warmup, pauses }: Behaviour): Slowness | undefined {
  const isNone = slowdownShare === 0 && warmup === undefined && pauses === undefined;
  return isNone ? undefined : { slowdownShare, warmup, pauses };
}

function compileSteps(behaviour: Behaviour): readonly CompiledStep[] {
  let index = 0;
  return behaviour.calls.map((step) => ({
    calls: step.calls.map((call) => ({
      ...call,
      index: index++,
      destination: destinationOf(call.target),
      isFor: conditionOf(call),
    })),
  }));
}

function conditionOf({ when }: Call): CompiledCall['isFor'] {
  return when === undefined ? undefined : (served) => matchesPart(when, served);
}

function matchesPart(part: RequestPart, request: HttpRequest): boolean {
  return (
    (part.method === undefined || part.method === request.method) &&
    (part.path === undefined || matchesPath(part.path, request.path)) &&
    part.headers.every(({ name, value }) => {
      const found = request.headers.get(name);
      return value === '*' ? found !== undefined : found === value;
    })
  );
}

/** The query does not count. */
function matchesPath(pattern: string, pathAndQuery: string): boolean {
  const query = pathAndQuery.indexOf('?');
  const path = query < 0 ? pathAndQuery : pathAndQuery.slice(0, query);
  return pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
}
