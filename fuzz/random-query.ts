import type { Random } from '#kernel/random.ts';
import { oneOf } from './damage.ts';

const TOKENS = [
  ...['requests', 'latency', 'p99', 'p50', 'max', 'min', 'mean', 'rate', 'attempts', 'dropped'],
  ...['ejections', 'active', 'pods', 'retries', 'nonsense', 'share', 'first', 'sum', 'count'],
  ...['(', ')', '{', '}', '[', ']', ',', '/', '*', '+', '-', '"', '=', '!=', '=~', '!~', ' '],
  ...['client', 'response_code', 'response_flags', 'destination_workload', 'between', 'after'],
  ...['"200"', '"5.."', '"UO"', '"(["', '"(a+)+$"', '0', '1', '1e309', '10s', '250ms', '50%'],
  ...['> ', '>= ', '< ', '== ', '~', '..', '±', '99%', 'é', '\\', "'", ':', '5', '1s..2s', '[5s]'],
];

const WHOLE = [
  'requests{client="x"} / requests',
  'p99(latency{response_code=~"2.."})',
  'requests{response_flags!="UO"} - requests{response_code!~"5.."}',
  'rate(requests)',
  '503 UO',
  'response_flags="UO",response_code="503"',
  'shop:1',
  '>= 99.9%',
  '~10%',
  '< 250ms',
];

/** A query or, as `isBound`, what its value should be: tokens at random, or a good one with tokens in it. */
export function randomQuery(random: Random, isBound = false): string {
  const some = () =>
    Array.from({ length: 1 + random.below(isBound ? 3 : 8) }, () => oneOf(random, TOKENS)).join('');
  if (random.below(3) === 0) return some();
  const whole = isBound && random.below(2) === 0 ? '> 0' : oneOf(random, WHOLE);
  if (random.below(3) === 0) return whole;
  const at = random.below(whole.length + 1);
  return whole.slice(0, at) + oneOf(random, TOKENS) + whole.slice(at + random.below(3));
}
