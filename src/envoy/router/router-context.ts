import type { ClusterId } from '#telemetry/recorder.ts';
import type { HttpRequest } from '../network.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import type { CompiledMirrorPolicy } from './mirror-policy.ts';
import type { RouterStream } from './router-stream.ts';
import type { RouterTrace } from './router-trace.ts';
import type { UpstreamRequest } from './upstream-request.ts';

/** What the router counts by its connection manager's stat prefix. */
export interface RouterStats {
  noRoute: number;
  noCluster: number;
  rqTotal: number;
  rqDirectResponse: number;
  rqRedirect: number;
  rqResetAfterDownstreamResponseStarted: number;
}

/** What the router needs of its proxy. */
export interface RouterContext {
  readonly stats: RouterStats;
  readonly clusters: {
    get(name: string): UpstreamCluster | undefined;
    /** The recorder's id of a name that `get` does not know. */
    missingId(name: string): ClusterId;
  };
  readonly epochMs: number;
  /** For the draws of retries: `streamHash(seed, 'proxy/NAME/retries')`. */
  readonly retryPurpose: number;
  /** Undefined = nobody traces. */
  readonly trace: RouterTrace | undefined;
  /** Sends a copy of `request` to the policy's cluster. `timeoutNs`: 0 = none. */
  mirror(
    policy: CompiledMirrorPolicy,
    index: number,
    request: HttpRequest,
    stream: RouterStream,
    timeoutNs: number,
  ): void;
  /** An attempt is over; what it says is only valid now. */
  attemptEnded(stream: RouterStream, attempt: UpstreamRequest, cluster: UpstreamCluster): void;
  /** `max_retries` or the retry budget turned a retry away. */
  retryOverflowed(cluster: UpstreamCluster): void;
  /** A copy of a request is sent to `cluster`. */
  mirrored?(cluster: UpstreamCluster): void;
}
