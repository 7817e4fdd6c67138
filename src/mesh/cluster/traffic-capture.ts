import type { Pod } from '#config/resource.ts';
import { type IpRange, ipBytes, ipRange, parseCidr, rangeContains } from '#xds/ip-range.ts';

export type InterceptionMode = 'REDIRECT' | 'TPROXY' | 'NONE';

/** Which connections of a pod with a sidecar the sidecar takes. */
export interface TrafficCapture {
  readonly mode: InterceptionMode;
  /** Whether a connection of the application to `ip:port` goes to the sidecar. */
  capturesOutbound(address: string): boolean;
  /** Whether a connection that comes to a port goes to the sidecar. */
  capturesInbound(port: number): boolean;
}

const PREFIX = 'traffic.sidecar.istio.io/';

/**
 * The capture rules of a pod's annotations. Ports go before ranges: an excluded port is never taken, an
 * included one whatever the address.
 *
 * @source istio: tools/istio-iptables/pkg/capture/run.go, Run
 */
export function trafficCapture({ metadata }: Pod): TrafficCapture {
  const { annotations } = metadata;
  const mode = modeOf(annotations.get('sidecar.istio.io/interceptionMode'));
  const names = OUTBOUND.concat(INBOUND);
  if (mode !== 'NONE' && !names.some((name) => annotations.has(PREFIX + name)))
    return mode === 'TPROXY' ? ALL_TRANSPARENT : ALL;
  const text = (name: string) => annotations.get(PREFIX + name);
  return new AnnotatedCapture(mode, text);
}

const OUTBOUND = [
  'includeOutboundIPRanges',
  'excludeOutboundIPRanges',
  'includeOutboundPorts',
  'excludeOutboundPorts',
];
const INBOUND = ['includeInboundPorts', 'excludeInboundPorts'];

const everything = { capturesOutbound: () => true, capturesInbound: () => true };
const ALL: TrafficCapture = { mode: 'REDIRECT', ...everything };
const ALL_TRANSPARENT: TrafficCapture = { mode: 'TPROXY', ...everything };

function modeOf(text: string | undefined): InterceptionMode {
  return text === 'TPROXY' || text === 'NONE' ? text : 'REDIRECT';
}

class AnnotatedCapture implements TrafficCapture {
  readonly mode: InterceptionMode;
  readonly #includedRanges: readonly IpRange[] | 'all';
  readonly #excludedRanges: readonly IpRange[];
  readonly #includedPorts: ReadonlySet<number> | 'all';
  readonly #excludedPorts: ReadonlySet<number>;
  readonly #inboundPorts: ReadonlySet<number> | 'all';
  readonly #excludedInboundPorts: ReadonlySet<number>;

  constructor(mode: InterceptionMode, text: (name: string) => string | undefined) {
    this.mode = mode;
    this.#includedRanges = rangesOf(text('includeOutboundIPRanges') ?? '*');
    const excluded = rangesOf(text('excludeOutboundIPRanges') ?? '');
    this.#excludedRanges = excluded === 'all' ? [] : excluded;
    this.#includedPorts = portsOf(text('includeOutboundPorts') ?? '');
    this.#excludedPorts = listedPorts(text('excludeOutboundPorts') ?? '');
    this.#inboundPorts = portsOf(text('includeInboundPorts') ?? '*');
    this.#excludedInboundPorts = listedPorts(text('excludeInboundPorts') ?? '');
  }

  capturesOutbound(address: string): boolean {
    if (this.mode === 'NONE') return false;
    const colon = address.lastIndexOf(':');
    const port = Number(address.slice(colon + 1));
    if (this.#excludedPorts.has(port)) return false;
    const ip = ipBytes(address.slice(0, colon).replace(/^\[|\]$/g, ''));
    if (ip !== undefined && this.#excludedRanges.some((range) => rangeContains(range, ip)))
      return false;
    if (this.#includedPorts === 'all' || this.#includedPorts.has(port)) return true;
    if (this.#includedRanges === 'all') return true;
    return ip !== undefined && this.#includedRanges.some((range) => rangeContains(range, ip));
  }

  capturesInbound(port: number): boolean {
    if (this.mode === 'NONE') return false;
    // Exclusions only mean something where everything else is included.
    return this.#inboundPorts === 'all'
      ? !this.#excludedInboundPorts.has(port)
      : this.#inboundPorts.has(port);
  }
}

function portsOf(text: string): ReadonlySet<number> | 'all' {
  return text.trim() === '*' ? 'all' : listedPorts(text);
}

function listedPorts(text: string): ReadonlySet<number> {
  return new Set(entries(text).map(Number));
}

function rangesOf(text: string): readonly IpRange[] | 'all' {
  if (text.trim() === '*') return 'all';
  return entries(text).flatMap((entry) => {
    const range = parseCidr(entry);
    return (range && ipRange(range)) ?? [];
  });
}

function entries(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
