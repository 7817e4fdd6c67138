/** What Envoy's flags mean, in words; `%` stands for where the request was meant to go. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['UO', 'the connection pool of % was full'],
  ['UH', 'no healthy host was left in %'],
  ['UF', 'connecting to % failed'],
  ['UC', '% closed the connection'],
  ['UR', '% reset the stream'],
  ['UT', '% did not answer in time'],
  ['UPE', '% answered with a protocol error'],
  ['URX', 'retries to % were used up'],
  ['NR', 'no route matched'],
  ['NC', 'the cluster of % does not exist'],
  ['FI', 'a fault was injected on the way to %'],
  ['RL', 'the rate limit was reached'],
  ['DC', 'the caller went away'],
  ['LR', 'the connection was reset locally'],
  ['SI', 'the stream to % was idle for too long'],
]);

/**
 * Why a request failed, by the first of its flags that says so; undefined if none does. Retries only
 * repeat what came before: that they were used up is said when nothing else is.
 */
export function flagReason(flags: string, destination: string): string | undefined {
  const all = flags.split(',').filter((flag) => REASONS.has(flag));
  const first = all.find((flag) => flag !== 'URX') ?? all[0];
  const target = destination === '' ? 'the service' : destination;
  return first === undefined ? undefined : REASONS.get(first)!.replace('%', target);
}
