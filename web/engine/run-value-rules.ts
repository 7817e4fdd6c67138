/**
 * Which values of a project a run depends on, so that they can be dragged: weights, timeouts, retries,
 * limits, percentages of Istio's and the Gateway API's kinds; how workloads and clients of a scenario behave.
 */

/** A path with `#` for every index of a list, joined by slashes. */
type Rule = RegExp;

const TRAFFIC_ROUTE: readonly Rule[] = [
  /\/weight$/,
  /\/timeouts\/(request|backendRequest)$/,
  /\/retry\/(attempts|backoff)$/,
  /\/requestMirror\/percent$/,
];

const RULES: ReadonlyMap<string, readonly Rule[]> = new Map([
  [
    'VirtualService',
    [
      /\/weight$/,
      /\/timeout$/,
      /\/retries\/(attempts|perTryTimeout|backoff)$/,
      /\/fault\/\w+\/(percent|percentage\/value|fixedDelay)$/,
      /\/mirror(Percent|_percent|Percentage\/value)$/,
      /\/mirrors\/#\/percentage\/value$/,
    ],
  ],
  [
    'DestinationRule',
    [
      /\/(connectionPool|outlierDetection)\/.+$/,
      /\/loadBalancer\/(.*\/)?(warmup\w*(\/\w+)?|minimumRingSize|tableSize|ttl)$/,
      /\/localityLbSetting\/distribute\/#\/to\/.+$/,
    ],
  ],
  ['HTTPRoute', TRAFFIC_ROUTE],
  ['GRPCRoute', TRAFFIC_ROUTE],
  ['TCPRoute', TRAFFIC_ROUTE],
  ['TLSRoute', TRAFFIC_ROUTE],
  [
    'EnvoyFilter',
    [
      /\/(max_?tokens|tokens_?per_?fill|fill_?interval|numerator)$/i,
      /\/(max_\w+|\w*timeout|\w*_percent)$/i,
    ],
  ],
  ['ServiceEntry', [/\/endpoints\/#\/weight$/]],
  ['WorkloadEntry', [/\/weight$/]],
  ['ProxyConfig', [/\/concurrency$/]],
  ['Deployment', [/^spec\/replicas$/, /\/terminationGracePeriodSeconds$/]],
  ['StatefulSet', [/^spec\/replicas$/, /\/terminationGracePeriodSeconds$/]],
  [
    '',
    [
      /^(workloads|clients|network|proxy|push|meshConfig)\//,
      /^timeline\/#\/(at|set\/.*|count|restart|replicas|for)$/,
    ],
  ],
]);

/** Numbers that only look like such a value. */
const NEVER: readonly Rule[] = [/\/headers?\//, /(^|\/)(ports?|number|status|httpStatus|seed)$/];

/** Of a manifest by its kind; '' is the scenario itself. */
export function isRunValue(kind: string, path: string): boolean {
  if (NEVER.some((rule) => rule.test(path))) return false;
  return RULES.get(kind)?.some((rule) => rule.test(path)) ?? false;
}
