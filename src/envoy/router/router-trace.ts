import type { SpanReason } from '#telemetry/recorder.ts';
import type { Host } from '../upstream/host.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import type { RouterStream } from './router-stream.ts';

/** Whoever draws waterfalls. The router asks for it once; without one nothing is worked out. */
export interface RouterTrace {
  /** Why `host` was chosen among those of `cluster`. `attempted`: where the request was before. */
  choice(
    cluster: UpstreamCluster,
    host: Host,
    attempted: readonly Host[],
  ): readonly SpanReason[] | undefined;
  /** A back-off is over, or was cut off. */
  backOff(stream: RouterStream, wait: TracedBackOff): void;
}

export interface TracedBackOff {
  readonly startNs: number;
  readonly endNs: number;
  readonly waitMs: number;
  /** What the attempt before ended in: `503`, `remote-connection-failure`. */
  readonly after: string;
  /** Retries that are left after the one that follows. */
  readonly remaining: number;
}
