import type { WireProtocol } from '#envoy/network.ts';

/** One call that a workload makes through its sidecar, or that arrives at a proxy. */
export interface Call {
  readonly protocol: WireProtocol;
  /** The address that is called, before any redirection. */
  readonly address: string;
  readonly port: number;
  readonly tls: 'none' | 'simple' | 'mutual';
  /** SNI; empty = none. */
  readonly serverName: string;
  /** Arrives at a sidecar from outside. */
  readonly isInbound: boolean;
  /** Undefined for TCP. */
  readonly http:
    | {
        readonly method: string;
        readonly path: string;
        readonly authority: string;
        readonly headers: Iterable<readonly [name: string, value: string]>;
      }
    | undefined;
}
