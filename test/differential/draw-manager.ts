import type { Random } from '#kernel/random.ts';
import { type Fields, maybe, pick } from './draw.ts';
import { mutations } from './draw-headers.ts';

export interface ManagerShape {
  readonly hasHttp2: boolean;
  /** Connections lie idle between requests. */
  readonly isSlow: boolean;
}

/** Settings of the connection manager: addresses, paths, hosts, timeouts of the client's side. */
export function managerFields(random: Random, shape: ManagerShape): Fields {
  return {
    internal_address_config: { cidr_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
    ...maybe(random, 0.2, () => addressFields(random)),
    ...maybe(random, 0.15, () => pathFields(random)),
    ...maybe(random, 0.1, () =>
      pick<Fields>(random, [{ strip_any_host_port: true }, { strip_matching_host_port: true }]),
    ),
    ...maybe(random, 0.06, () => ({ stream_idle_timeout: '0.21s' })),
    ...maybe(random, 0.2, () => ({
      common_http_protocol_options: connectionFields(random, shape),
    })),
    ...maybe(random, 0.1, () => ({ delayed_close_timeout: '0.04s' })),
  };
}

function addressFields(random: Random): Fields {
  return {
    use_remote_address: random.below(3) > 0,
    ...maybe(random, 0.4, () => ({ xff_num_trusted_hops: 1 + random.below(2) })),
    ...maybe(random, 0.3, () => ({ skip_xff_append: true })),
  };
}

function pathFields(random: Random): Fields {
  return {
    ...maybe(random, 0.6, () => ({ normalize_path: true })),
    ...maybe(random, 0.6, () => ({ merge_slashes: true })),
    ...maybe(random, 0.6, () => ({
      path_with_escaped_slashes_action: pick(random, [
        'KEEP_UNCHANGED',
        'REJECT_REQUEST',
        'UNESCAPE_AND_REDIRECT',
        'UNESCAPE_AND_FORWARD',
      ]),
    })),
  };
}

function connectionFields(random: Random, { hasHttp2, isSlow }: ManagerShape): Fields {
  return {
    // The HTTP/2 backends end their streams after the last byte: a client may close in between.
    ...maybe(random, hasHttp2 ? 0 : 0.6, () => ({
      max_requests_per_connection: 1 + random.below(3),
    })),
    ...maybe(random, isSlow ? 0.5 : 0, () => ({ idle_timeout: '0.05s' })),
    ...maybe(random, 0.15, () => ({ max_stream_duration: '0.23s' })),
  };
}

/** Settings of the route configuration as a whole. */
export function routeConfigurationFields(random: Random): Fields {
  return {
    ...maybe(random, 0.1, () => mutations(random, 'c')),
    ...maybe(random, 0.1, () => ({ most_specific_header_mutations_wins: true })),
    ...maybe(random, 0.1, () => ({ ignore_port_in_host_matching: true })),
    ...maybe(random, 0.08, () => ({ internal_only_headers: ['x-kind'] })),
  };
}
