import type { Random } from '#kernel/random.ts';
import type { BackendBehaviour } from '#scenario/envoy-case/case-file.ts';
import { type Fields, maybe, pick } from './draw.ts';

const HEALTH_PATH = '/health';

/**
 * Active health checks of a cluster. While it has no traffic a check comes once a minute: only the first
 * round is over when the load starts, and none comes during it.
 */
export function healthCheckFields(random: Random, isHttp2: boolean): Fields {
  const check = {
    timeout: '2s',
    interval: '60s',
    unhealthy_threshold: 1 + random.below(3),
    healthy_threshold: 1 + random.below(3),
    http_health_check: {
      path: HEALTH_PATH,
      ...(isHttp2 ? { codec_client_type: 'HTTP2' } : {}),
      ...maybe(random, 0.3, () => ({ expected_statuses: [{ start: 200, end: 300 }] })),
      ...maybe(random, 0.3, () => ({ expected_statuses: [{ start: 503, end: 504 }] })),
    },
  };
  return {
    health_checks: [check],
    ...maybe(random, 0.2, () => ({ ignore_health_on_host_removal: true })),
  };
}

/** How some hosts answer their checks, whatever they do with other requests. */
export function withHealthAnswers(
  random: Random,
  behaviour: BackendBehaviour,
  mayDegrade: boolean,
): BackendBehaviour {
  // The first round of checks would take longer than the engine's start.
  if (behaviour.connect === 'blackhole') return { ...behaviour, connect: 'refuse' };
  if (behaviour.connect !== undefined) return behaviour;
  const answer = pick<BackendBehaviour>(random, [
    { status: 200, action: 'respond', latency_ms: 0 },
    { status: 200, action: 'respond', latency_ms: 0 },
    { status: 503, action: 'respond', latency_ms: 0 },
    { action: 'close', latency_ms: 0 },
    // Between healthy and degraded hosts chance decides, unless a hash does.
    {
      status: 200,
      action: 'respond',
      latency_ms: 0,
      headers: mayDegrade ? { 'x-envoy-degraded': 'true' } : {},
    },
    {
      status: 200,
      action: 'respond',
      latency_ms: 0,
      headers: { 'x-envoy-immediate-health-check-fail': 'true' },
    },
  ]);
  // biome-ignore lint/suspicious/noThenProperty: the case format's own word; never awaited.
  const rule = { when: { path_prefix: HEALTH_PATH }, then: answer };
  return { ...behaviour, rules: [rule, ...(behaviour.rules ?? [])] };
}
