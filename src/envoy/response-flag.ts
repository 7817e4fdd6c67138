/**
 * The flags by their short names. The table is frozen: a flag's place is its bit in digests and records.
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

const PLACES: ReadonlyMap<ResponseFlag, number> = new Map(
  RESPONSE_FLAGS.map(([flag], place) => [flag, place]),
);

/** Room for one place in the sequence of flags; ten of them fit a double's integers. */
const RADIX = 32;

const texts = new Map<number, string>();

/**
 * The flags of one stream, in the order in which they were set, each once. Two integers: streams are
 * pooled, and setting a flag allocates nothing.
 *
 * @source envoy: source/common/stream_info/stream_info_impl.h, setResponseFlag
 */
export class ResponseFlags {
  /** Bit n stands for place n of the table. */
  bits = 0;
  /** The places plus one, in base 32, the first set in the highest digit. Equal order, equal number. */
  sequence = 0;

  set(flag: ResponseFlag): void {
    const place = PLACES.get(flag)!;
    if ((this.bits & (1 << place)) !== 0) return;
    this.bits |= 1 << place;
    this.sequence = this.sequence * RADIX + place + 1;
  }

  has(flag: ResponseFlag): boolean {
    return (this.bits & (1 << PLACES.get(flag)!)) !== 0;
  }

  clear(): void {
    this.bits = 0;
    this.sequence = 0;
  }

  /** `URX,UF`; `-` for none. */
  get text(): string {
    return responseFlagsText(this.sequence);
  }
}

/** The flags of a sequence number as an access log prints them: `URX,UF`; `-` for none. */
export function responseFlagsText(sequence: number): string {
  let text = texts.get(sequence);
  if (text === undefined) {
    text =
      flagsOfSequence(sequence)
        .map(([short]) => short)
        .join(',') || '-';
    texts.set(sequence, text);
  }
  return text;
}

/** The same by their long names, as `%RESPONSE_FLAGS_LONG%`. */
export function responseFlagsLongText(sequence: number): string {
  return (
    flagsOfSequence(sequence)
      .map(([, long]) => long)
      .join(',') || '-'
  );
}

/** The order in which flags were set matters for logs only: the bits are what records keep. */
export function responseFlagsOfBits(bits: number): ResponseFlag[] {
  return RESPONSE_FLAGS.flatMap(([flag], place) => ((bits & (1 << place)) === 0 ? [] : [flag]));
}

function flagsOfSequence(sequence: number): (typeof RESPONSE_FLAGS)[number][] {
  const flags: (typeof RESPONSE_FLAGS)[number][] = [];
  for (let rest = sequence; rest > 0; rest = Math.floor(rest / RADIX)) {
    flags.unshift(RESPONSE_FLAGS[(rest % RADIX) - 1]!);
  }
  return flags;
}
