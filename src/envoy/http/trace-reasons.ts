import type { SpanReason } from '#telemetry/recorder.ts';
import { flagsText } from '#telemetry/response-flags.ts';
import type { RouteEntry } from '../router/compiled-route.ts';
import type { CompiledRetryPolicy } from '../router/retry-policy.ts';
import type { TracedBackOff } from '../router/router-trace.ts';
import type { UpstreamRequest } from '../router/upstream-request.ts';
import type { Host } from '../upstream/host.ts';
import type { UpstreamCluster } from '../upstream/upstream-cluster.ts';
import type { ActiveStreamInfo } from './active-stream-info.ts';

/**
 * What the data plane decided about one request, in words, each with the configuration behind it.
 * Said only for traces; nothing here decides anything.
 */

const NO_REASONS: readonly SpanReason[] = [];
const NAMED_HOSTS = 4;
const UNLIMITED = 4294967295;

/** Which route was taken, which of its clusters, and what ended the stream. */
export function routeReasons(
  info: ActiveStreamInfo,
  entry: RouteEntry | undefined,
  cluster: UpstreamCluster | undefined,
): readonly SpanReason[] {
  if (entry === undefined)
    return info.upstreamCluster === '' ? [{ text: 'no route matched' }] : NO_REASONS;
  const { route } = entry;
  const reasons: SpanReason[] = [
    { text: route.name === '' ? 'route' : `route ${route.name}`, config: route.xds },
  ];
  const weighted = route.xds.route?.weightedClusters?.clusters;
  const taken = weighted?.[entry.index];
  if (weighted !== undefined && taken !== undefined) {
    const sum = weighted.reduce((total, { weight }) => total + (weight ?? 0), 0);
    reasons.push({ text: `weight ${taken.weight ?? 0} of ${sum}`, config: taken });
  }
  for (const flag of flagsText(info.responseFlags).split(','))
    reasons.push(...flagReasons(flag, info, entry, cluster));
  return reasons;
}

function flagReasons(
  flag: string,
  info: ActiveStreamInfo,
  { route, fault, forward }: RouteEntry,
  cluster: UpstreamCluster | undefined,
): readonly SpanReason[] {
  const action = route.xds.route;
  switch (flag) {
    case 'UT':
      return info.responseCodeDetails === 'response_timeout'
        ? [{ text: `timeout: ${action?.timeout ?? ''}`, config: action, field: 'timeout' }]
        : [];
    case 'URX': {
      const count = forward?.retryPolicy?.numRetries ?? 0;
      const text = `no retry left of ${count}`;
      return [{ text, config: action, field: 'retryPolicy' }];
    }
    case 'FI':
      return [{ text: 'an abort was injected', config: fault?.xds }];
    case 'UH':
      return noHostReasons(cluster);
    default:
      return [];
  }
}

function noHostReasons(cluster: UpstreamCluster | undefined): readonly SpanReason[] {
  if (cluster === undefined) return [];
  const hosts = [...cluster.membership.hosts.values()];
  if (hosts.length === 0) return [{ text: 'no endpoint', config: cluster.config }];
  const out = hosts.filter((host) => host.isEjected).length;
  const text = `${out} of ${hosts.length} endpoints ejected`;
  return [{ text, config: cluster.config, field: 'outlierDetection' }];
}

const POLICIES: ReadonlyMap<string, string> = new Map([
  ['ROUND_ROBIN', 'round robin'],
  ['LEAST_REQUEST', 'least request'],
  ['RANDOM', 'random'],
  ['RING_HASH', 'ring hash'],
  ['MAGLEV', 'maglev'],
]);

/** Among whom a host was chosen, and who was passed over. */
export function choiceReasons(
  { config, membership }: UpstreamCluster,
  host: Host,
  attempted: readonly Host[],
): readonly SpanReason[] {
  const hosts = [...membership.hosts.values()];
  const usable = hosts.filter(({ health }) => health !== 'unhealthy');
  const name = POLICIES.get(config.lbPolicy ?? 'ROUND_ROBIN') ?? 'its cluster';
  const among =
    hosts.length === 1
      ? 'the only endpoint'
      : host.health === 'unhealthy'
        ? `panic: too few of ${hosts.length} endpoints are healthy`
        : `${name} among ${usable.length} of ${hosts.length} endpoints`;
  const busy = config.lbPolicy === 'LEAST_REQUEST' ? `, ${host.rqActive} in flight` : '';
  const reasons: SpanReason[] = [{ text: among + busy, config, field: 'lbPolicy' }];
  const isOther = (other: Host) => other !== host;
  for (const tried of attempted.filter(isOther).slice(0, NAMED_HOSTS))
    reasons.push({ text: `${tried.address} passed over: tried before` });
  for (const out of hosts
    .filter((other) => isOther(other) && other.isEjected)
    .slice(0, NAMED_HOSTS))
    reasons.push({ text: `${out.address} left out: ejected`, config, field: 'outlierDetection' });
  return reasons;
}

/** Why an attempt ended as it did, where a setting had a part in it. */
export function attemptReasons(
  attempt: UpstreamRequest,
  { config }: UpstreamCluster,
  entry: RouteEntry | undefined,
  nowNs: number,
): readonly SpanReason[] {
  if (attempt.failure === 'overflow') {
    const thresholds = config.circuitBreakers?.thresholds?.[0];
    const limit = attempt.host === undefined ? 'maxPendingRequests' : 'maxRequests';
    const value = thresholds?.[limit];
    const most = value === undefined || value === UNLIMITED ? '' : `: ${limit} ${value}`;
    return [{ text: `the pool was full${most}`, config, field: 'circuitBreakers' }];
  }
  if (attempt.failure === 'connection-timeout')
    return [
      { text: `connectTimeout: ${config.connectTimeout ?? ''}`, config, field: 'connectTimeout' },
    ];
  if (attempt.failure !== undefined) return [{ text: attempt.failure.replaceAll('-', ' ') }];
  if (flagsText(attempt.flags) !== 'UT') return [];
  const perTryNs = entry?.forward?.retryPolicy?.perTryTimeoutNs ?? 0;
  const isPerTry = perTryNs > 0 && nowNs - Math.max(attempt.startNs, attempt.readyNs) >= perTryNs;
  const action = entry?.route.xds.route;
  return isPerTry
    ? [
        {
          text: `perTryTimeout: ${action?.retryPolicy?.perTryTimeout ?? ''}`,
          config: action,
          field: 'retryPolicy',
        },
      ]
    : [{ text: `timeout: ${action?.timeout ?? ''}`, config: action, field: 'timeout' }];
}

/** Why there was a retry, and what its wait was drawn from. */
export function backOffReasons(
  { after, remaining, waitMs }: TracedBackOff,
  entry: RouteEntry | undefined,
): readonly SpanReason[] {
  const policy = entry?.forward?.retryPolicy;
  const config = entry?.route.xds.route;
  const on = policy?.xds.retryOn ?? '';
  const left = remaining === 1 ? '1 retry' : `${remaining} retries`;
  const bound = policy === undefined ? undefined : boundMs(policy, remaining);
  const drawn = bound === undefined || bound <= waitMs ? '' : ` of 0..${bound}ms`;
  return [
    {
      text: `${after.replaceAll('-', ' ')} is retried${on === '' ? '' : ` (retryOn: ${on})`}, ${left} left`,
      config,
      field: 'retryPolicy',
    },
    { text: `waits ${waitMs}ms${drawn}`, config, field: 'retryPolicy' },
  ];
}

/** What the wait before the retry was drawn below; undefined where the request had limits of its own. */
function boundMs(policy: CompiledRetryPolicy, remaining: number): number | undefined {
  const earlier = policy.numRetries - remaining - 1;
  if (earlier < 0) return undefined;
  let bound = policy.backOffBaseMs;
  for (let count = 0; count < earlier; count++)
    bound = bound < Math.floor(policy.backOffMaxMs / 2) ? 2 * bound : policy.backOffMaxMs;
  return bound;
}
