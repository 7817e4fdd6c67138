import type { Random } from '#kernel/random.ts';
import { oneOf } from './damage.ts';

const TIMES = ['0s', '1ns', '500ms', '1s', '1s', '1500ms', '2s', '3999ms', '4s', '1h'];
const SHARES = ['0%', '10%', '100%'];

/** Steps that happen close together: some about workloads that there are, at times that others have, too. */
export function randomTimeline(
  random: Random,
  names: readonly string[],
  manifests: readonly string[],
): string {
  const steps = Array.from({ length: 1 + random.below(8) }, () => {
    const at = oneOf(random, TIMES);
    return `  - ${JSON.stringify({ at, ...verb(random, names, manifests) })}`;
  });
  return `timeline:\n${steps.join('\n')}\n`;
}

function verb(
  random: Random,
  names: readonly string[],
  manifests: readonly string[],
): Record<string, unknown> {
  const name = () => oneOf(random, names);
  const time = () => oneOf(random, TIMES);
  const place = () => oneOf(random, [name(), '*', 'outside', [name(), name()], 'zone-a']);
  return oneOf(random, [
    () => ({ scale: name(), to: random.below(5) }),
    () => ({ kill: name(), count: 1 + random.below(3) }),
    () => ({ kill: name(), count: 1, restart: time() }),
    () => ({ rollout: name() }),
    () => ({ drain: name() }),
    () => ({ lose: { node: oneOf(random, ['node-1', name()]) }, detect: time() }),
    () => ({ lose: { zone: oneOf(random, ['zone-a', name()]) }, restart: time() }),
    () => ({ partition: { between: [place(), place()], for: oneOf(random, ['1s', '1ns']) } }),
    () => ({ network: { between: [place(), place()], latency: time(), jitter: time() } }),
    () => ({ network: { between: [place(), '*'], loss: oneOf(random, SHARES), for: '1s' } }),
    () => ({ network: { between: [place(), '*'], reset: oneOf(random, SHARES) } }),
    () => ({ workload: name(), set: { latency: time() } }),
    () => ({ workload: name(), set: { errors: { 503: oneOf(random, SHARES) } } }),
    () => ({ workload: name(), set: { concurrency: 1 + random.below(3), queue: random.below(3) } }),
    () => ({ client: name(), set: { rate: `${random.below(200)}/s` } }),
    () => ({ delete: oneOf(random, [`Deployment/${name()}`, `VirtualService/${name()}`, name()]) }),
    () => ({ delete: oneOf(random, [...manifests, `Service/${name()}`]) }),
    () => ({ apply: oneOf(random, [...manifests, 'nothing.yaml']) }),
    () => ({ note: name() }),
  ])();
}
