import type { Random } from '#kernel/random.ts';
import type { BackendBehaviour, CaseEndpoint } from '#scenario/envoy-case/case-file.ts';
import { maybe, pick } from './draw.ts';
import type { Balancer } from './draw-cluster.ts';
import { isHashing, isRandom } from './draw-cluster.ts';
import { withHealthAnswers } from './draw-health.ts';

/** An endpoint before it has a name and an address. */
export type DrawnHost = Omit<CaseEndpoint, 'id' | 'address'>;

export interface HostShape {
  readonly balancer: Balancer;
  readonly isHttp2: boolean;
  readonly hasSubsets: boolean;
  readonly hasLocalities: boolean;
  readonly hasHealthChecks: boolean;
}

/** Between one and five hosts. */
export function drawHosts(random: Random, shape: HostShape): readonly DrawnHost[] {
  const count = 1 + random.below(4);
  // Which host a random pick hits must make no difference.
  const alike = isRandom(shape.balancer) ? behaviour(random, shape.isHttp2) : undefined;
  // Where checks fail, panic may take hosts of both priorities, by chance unless a hash decides.
  const hasPriorities =
    random.below(4) === 0 && (!shape.hasHealthChecks || isHashing(shape.balancer));
  const named = random.below(5) === 0;
  const hosts = Array.from({ length: count }, (_, index): DrawnHost => {
    const version = pick(random, ['v1', 'v2']);
    return {
      behaviour: checked(random, alike ?? behaviour(random, shape.isHttp2), shape),
      ...(shape.hasSubsets
        ? { metadata: { 'envoy.lb': { version, stage: pick(random, ['a', 'b']) } } }
        : maybe(random, isHashing(shape.balancer) ? 0.1 : 0, () => ({
            metadata: { 'envoy.lb': { hash_key: `key${index}` } },
          }))),
      ...(shape.hasLocalities ? { locality: { zone: pick(random, ['a', 'b']) } } : {}),
      ...(named ? { hostname: `host${index}.test` } : {}),
      ...maybe(random, 0.1, () => ({ weight: 2 })),
    };
  });
  return hasPriorities ? withPriorities(random, hosts, shape) : hosts;
}

/**
 * A second priority, and statuses by EDS. Where the balancer draws the priority of a request, all
 * hosts of the first are well or none is: else chance decides.
 */
function withPriorities(
  random: Random,
  hosts: readonly DrawnHost[],
  shape: HostShape,
): readonly DrawnHost[] {
  const isWell = random.below(2) === 0;
  const extra: DrawnHost = {
    behaviour: isRandom(shape.balancer) ? hosts[0]!.behaviour! : behaviour(random, shape.isHttp2),
    ...(shape.hasSubsets ? { metadata: { 'envoy.lb': { version: 'v1' } } } : {}),
    ...(shape.hasLocalities ? { locality: { zone: 'b' } } : {}),
    priority: 1,
  };
  const first = hosts.map((host) => {
    const isBad = isHashing(shape.balancer) ? random.below(3) === 0 : !isWell;
    return isBad ? { ...host, health_status: pick(random, ['UNHEALTHY', 'DRAINING']) } : host;
  });
  return [...first, extra];
}

function checked(random: Random, own: BackendBehaviour, shape: HostShape): BackendBehaviour {
  return shape.hasHealthChecks ? withHealthAnswers(random, own, isHashing(shape.balancer)) : own;
}

function behaviour(random: Random, isHttp2: boolean): BackendBehaviour {
  const protocol = isHttp2 ? { protocol: 'h2c' as const } : {};
  return { ...protocol, ...answers(random, isHttp2) };
}

const FAILURES: readonly BackendBehaviour[] = [
  { status: 503 },
  { status: 503, body: '' },
  { status: 500, body: '' },
  { status: 404, body: '' },
  { status: 409, body: '' },
  { status: 503, body: '', headers: { 'x-again': '1' } },
  { status: 200, body: '', headers: { 'grpc-status': '14' } },
  { status: 200, body: '', headers: { 'grpc-status': '1', 'content-type': 'application/grpc' } },
  { status: 503, body: '', headers: { 'x-envoy-ratelimited': '1' } },
  { action: 'reset' },
  { action: 'close' },
  { action: 'hang' },
  { action: 'headers_then_reset', body_ms: 30 },
  { action: 'headers_then_hang' },
  { status: 302, body: '', headers: { location: '/there' } },
  { connect: 'refuse' },
];
/** Connecting takes longer than the connect timeout. Each such host costs a process. */
const BLACKHOLE: BackendBehaviour = { connect: 'blackhole' };
/** The HTTP/2 backends send an empty body as a frame of its own: none without a body is drawn. */
const HTTP2_FAILURES: readonly BackendBehaviour[] = [
  ...FAILURES.filter(({ body }) => body === undefined),
  { action: 'refused_stream' },
  { action: 'cancel' },
];

function answers(random: Random, isHttp2: boolean): BackendBehaviour {
  const failure =
    random.below(80) === 0 ? BLACKHOLE : pick(random, isHttp2 ? HTTP2_FAILURES : FAILURES);
  switch (random.below(5)) {
    case 0:
      return failure;
    case 1: {
      if (failure.connect !== undefined) return failure;
      const when = pick(random, [{ every: 2 }, { every: 3 }, { first: 2 }, { after: 3 }]);
      // biome-ignore lint/suspicious/noThenProperty: the case format's own word; never awaited.
      return { rules: [{ when, then: failure }] };
    }
    case 2:
      return pick(random, [{ latency_ms: 78 }, { latency_ms: 78 }, { body_ms: 42 }]);
    default:
      return {};
  }
}
