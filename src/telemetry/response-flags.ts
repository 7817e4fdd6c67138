/**
 * The flags by their short and long names. The table is frozen: a flag's place is its bit in digests
 * and records.
 *
 * @source envoy: envoy/stream_info/stream_info.h, CoreResponseFlag; source/common/stream_info/utility.h
 */
export const RESPONSE_FLAGS = [
  ['LH', 'FailedLocalHealthCheck'],
  ['UH', 'NoHealthyUpstream'],
  ['UT', 'UpstreamRequestTimeout'],
  ['LR', 'LocalReset'],
  ['UR', 'UpstreamRemoteReset'],
  ['UF', 'UpstreamConnectionFailure'],
  ['UC', 'UpstreamConnectionTermination'],
  ['UO', 'UpstreamOverflow'],
  ['NR', 'NoRouteFound'],
  ['DI', 'DelayInjected'],
  ['FI', 'FaultInjected'],
  ['RL', 'RateLimited'],
  ['UAEX', 'UnauthorizedExternalService'],
  ['RLSE', 'RateLimitServiceError'],
  ['DC', 'DownstreamConnectionTermination'],
  ['URX', 'UpstreamRetryLimitExceeded'],
  ['SI', 'StreamIdleTimeout'],
  ['IH', 'InvalidEnvoyRequestHeaders'],
  ['DPE', 'DownstreamProtocolError'],
  ['UMSDR', 'UpstreamMaxStreamDurationReached'],
  ['RFCF', 'ResponseFromCacheFilter'],
  ['NFCF', 'NoFilterConfigFound'],
  ['DT', 'DurationTimeout'],
  ['UPE', 'UpstreamProtocolError'],
  ['NC', 'NoClusterFound'],
  ['OM', 'OverloadManagerTerminated'],
  ['DF', 'DnsResolutionFailed'],
  ['DO', 'DropOverload'],
  ['DR', 'DownstreamRemoteReset'],
  ['UDO', 'UnconditionalDropOverload'],
] as const;

export type ResponseFlag = (typeof RESPONSE_FLAGS)[number][0];

/**
 * The flags of one stream in the order in which they were set, as one integer: their places plus one
 * in base 32, the first set in the highest digit. Equal flags in equal order are equal numbers; 0 = none.
 */
export type FlagSequence = number;

/** Ten digits fit a double's integers; a stream has four flags at the very most. */
const RADIX = 32;

const PLACES: ReadonlyMap<string, number> = new Map(
  RESPONSE_FLAGS.map(([flag], place) => [flag, place]),
);

/** The sequence with `flag` set after the others; unchanged if it is set already. */
export function withFlag(sequence: FlagSequence, flag: ResponseFlag): FlagSequence {
  const digit = PLACES.get(flag)! + 1;
  for (let rest = sequence; rest > 0; rest = Math.floor(rest / RADIX)) {
    if (rest % RADIX === digit) return sequence;
  }
  return sequence * RADIX + digit;
}

export function hasFlag(sequence: FlagSequence, flag: ResponseFlag): boolean {
  return withFlag(sequence, flag) === sequence;
}

/** Bit n stands for place n of the table; the order is lost. Below 2³⁰. */
export function flagBits(sequence: FlagSequence): number {
  let bits = 0;
  for (let rest = sequence; rest > 0; rest = Math.floor(rest / RADIX)) {
    bits |= 1 << ((rest % RADIX) - 1);
  }
  return bits;
}

/** As an access log prints them: `URX,UF`; `-` for none. */
export function flagsText(sequence: FlagSequence): string {
  const flags: string[] = [];
  for (let rest = sequence; rest > 0; rest = Math.floor(rest / RADIX)) {
    flags.unshift(RESPONSE_FLAGS[(rest % RADIX) - 1]![0]);
  }
  return flags.join(',') || '-';
}

/** Reads `URX,UF` or `-`; undefined if a flag is unknown. */
export function parseFlags(text: string): FlagSequence | undefined {
  if (text === '-' || text === '') return 0;
  let sequence = 0;
  for (const flag of text.split(',')) {
    const place = PLACES.get(flag);
    if (place === undefined) return undefined;
    sequence = withFlag(sequence, RESPONSE_FLAGS[place]![0]);
  }
  return sequence;
}
