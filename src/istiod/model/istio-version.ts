/**
 * What the control plane does differently from release to release, and nothing else: the data
 * plane is always Envoy 1.40.
 */
export interface IstioBehaviours {
  /** Status codes that the default retry policy names. @source istio: pilot/pkg/networking/core/route/retry/retry.go */
  readonly defaultRetriableStatusCodes: readonly number[];
  /** Server sidecars retry twice on `reset-before-request`. @source istio: pilot/pkg/networking/core/httproute.go */
  readonly retriesInbound: boolean;
  /** DestinationRules merge only where their `exportTo` is equal. @source istio: pilot/pkg/model/destination_rule.go */
  readonly mergesDestinationRulesByExportTo: boolean;
  /** Kubernetes wins over ServiceEntry for one host name. @source istio: pilot/pkg/model/sidecar.go, selectServices */
  readonly prefersKubernetesServices: boolean;
  /** `-shadow` is put behind the Host of mirrored requests. @source istio: pilot/pkg/networking/core/route/route.go */
  readonly appendsShadowSuffix: boolean;
  /** A destination outside its own namespace: Kubernetes first, then the oldest. @source istio: pilot/pkg/model/sidecar.go, pickBestVisibleNamespace */
  readonly picksBestNamespace: boolean;
  /** Endpoints that are not ready are sent as UNHEALTHY. @source istio: pilot/pkg/model/service.go, SupportsUnhealthyEndpoints */
  readonly sendsUnhealthyEndpoints: boolean;
  /** Of wildcard hosts of VirtualServices the most specific wins. @source istio: pilot/pkg/model/sidecar.go */
  readonly mostSpecificWildcardWins: boolean;
}

interface Change {
  /** The minor version that brought it: 24 of 1.24. */
  readonly since: number;
  /** What was so before. */
  readonly before: Partial<IstioBehaviours>;
}

/** The newest release that is modelled; also what is taken when no version is given. */
export const NEWEST_MINOR = 32;

/** The oldest release that `istioVersion` may name. */
const OLDEST_MINOR = 17;

const NEWEST: IstioBehaviours = {
  defaultRetriableStatusCodes: [],
  retriesInbound: true,
  mergesDestinationRulesByExportTo: true,
  prefersKubernetesServices: true,
  appendsShadowSuffix: false,
  picksBestNamespace: true,
  sendsUnhealthyEndpoints: true,
  mostSpecificWildcardWins: true,
};

/** The one table: each row is undone for a version older than it. */
const CHANGES: readonly Change[] = [
  {
    since: 24,
    before: {
      defaultRetriableStatusCodes: [503],
      retriesInbound: false,
      mergesDestinationRulesByExportTo: false,
      prefersKubernetesServices: false,
    },
  },
  { since: 28, before: { appendsShadowSuffix: true } },
  { since: 30, before: { picksBestNamespace: false } },
  { since: 31, before: { sendsUnhealthyEndpoints: false } },
  { since: 21, before: { mostSpecificWildcardWins: false } },
];

/** The minor version of `1.24`, `1.24.3` or `v1.24`; undefined for anything else, and before 1.17. */
export function istioMinor(version: string): number | undefined {
  const match = /^v?1\.(\d+)(?:\.\d+)?$/.exec(version);
  const minor = match === null ? undefined : Number(match[1]);
  return minor !== undefined && minor >= OLDEST_MINOR ? minor : undefined;
}

/** How istiod of this minor version behaves; versions beyond the newest are taken for it. */
export function istioBehaviours(minor: number = NEWEST_MINOR): IstioBehaviours {
  const undone = CHANGES.filter((change) => minor < change.since).map((change) => change.before);
  return Object.assign({}, NEWEST, ...undone);
}
