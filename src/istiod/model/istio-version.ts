/**
 * What the control plane does differently from release to release, and nothing else: the data
 * plane is always Envoy 1.40.
 */
export interface IstioBehaviours {
  readonly defaultRetriableStatusCodes: readonly number[];
  readonly retriesInbound: boolean;
  readonly mergesDestinationRulesByExportTo: boolean;
  readonly prefersKubernetesServices: boolean;
  readonly appendsShadowSuffix: boolean;
  readonly picksBestNamespace: boolean;
  readonly sendsUnhealthyEndpoints: boolean;
  readonly mostSpecificWildcardWins: boolean;
  readonly aliasesExternalNames: boolean;
  readonly setsSniFromHost: boolean;
  readonly verifiesServersByDefault: boolean;
  readonly targetsPortsOfResolutionNone: boolean;
  readonly allocatesAddressesByItself: boolean;
  readonly separatesGatewayNamespaces: boolean;
  readonly injectsNativeSidecars: boolean;
}

/** A difference between releases. */
export interface IstioChange {
  /** The minor version that brought it: 24 of 1.24. */
  readonly since: number;
  readonly now: string;
  readonly earlier: string;
  /** What was so before. */
  readonly before: Partial<IstioBehaviours>;
  /** Istio's file that has the rule. */
  readonly source: string;
}

/** The newest release that is modelled; also what is taken when no version is given. */
export const NEWEST_MINOR = 32;

/** The oldest release that `istioVersion` may name. */
export const OLDEST_MINOR = 17;

const NEWEST: IstioBehaviours = {
  defaultRetriableStatusCodes: [],
  retriesInbound: true,
  mergesDestinationRulesByExportTo: true,
  prefersKubernetesServices: true,
  appendsShadowSuffix: false,
  picksBestNamespace: true,
  sendsUnhealthyEndpoints: true,
  mostSpecificWildcardWins: true,
  aliasesExternalNames: true,
  setsSniFromHost: true,
  verifiesServersByDefault: true,
  targetsPortsOfResolutionNone: true,
  allocatesAddressesByItself: true,
  separatesGatewayNamespaces: true,
  injectsNativeSidecars: true,
};

/**
 * The one table, newest first: each row is undone for a version older than it.
 *
 * @source istio: manifests/helm-profiles/compatibility-version-1.20.yaml and its successors
 */
export const ISTIO_CHANGES: readonly IstioChange[] = [
  {
    since: 31,
    now: 'Endpoints that are not ready are sent as UNHEALTHY, and no cluster panics unless asked to.',
    earlier:
      'They are not sent; a cluster without outlier detection panics below 50 % healthy hosts.',
    before: { sendsUnhealthyEndpoints: false },
    source: 'pilot/pkg/model/service.go, SupportsUnhealthyEndpoints',
  },
  {
    since: 31,
    now: 'A gateway made for the Gateway API takes no Gateways of Istio’s from other namespaces.',
    earlier: 'It takes all that select its pods.',
    before: { separatesGatewayNamespaces: false },
    source: 'pilot/pkg/model/push_context.go, filterStrictGatewayMerging',
  },
  {
    since: 30,
    now: 'A destination of a VirtualService that several namespaces offer: Kubernetes first, then the oldest.',
    earlier: 'The first namespace by name.',
    before: { picksBestNamespace: false },
    source: 'pilot/pkg/model/sidecar.go, pickBestVisibleNamespace',
  },
  {
    since: 28,
    now: 'Mirrored requests keep their Host.',
    earlier: 'Mirrored requests have `-shadow` behind their Host.',
    before: { appendsShadowSuffix: true },
    source: 'pilot/pkg/networking/core/route/route.go, MirrorPercent',
  },
  {
    since: 27,
    now: 'Sidecars are native ones (init containers that end after the application) where all nodes run Kubernetes 1.33 or later.',
    earlier: 'They are containers beside the application’s, and end with it.',
    before: { injectsNativeSidecars: false },
    source: 'pkg/kube/inject/webhook.go, detectNativeSidecar',
  },
  {
    since: 25,
    now: 'Every ServiceEntry without addresses has one for proxies that answer DNS.',
    earlier: 'Only where `ISTIO_META_DNS_AUTO_ALLOCATE` is set beside `ISTIO_META_DNS_CAPTURE`.',
    before: { allocatesAddressesByItself: false },
    source: 'pilot/pkg/model/service.go, getAllAddressesForProxy',
  },
  {
    since: 24,
    now: 'By default no status code is retried.',
    earlier: '503 is retried by default.',
    before: { defaultRetriableStatusCodes: [503] },
    source: 'pilot/pkg/networking/core/route/retry/retry.go, DefaultPolicy',
  },
  {
    since: 24,
    now: 'Server sidecars retry twice on `reset-before-request`.',
    earlier: 'They do not retry.',
    before: { retriesInbound: false },
    source: 'pilot/pkg/networking/core/httproute.go, buildInboundHttpRoute',
  },
  {
    since: 24,
    now: 'DestinationRules of one host are merged where their `exportTo` is equal.',
    earlier: 'They are merged whatever their `exportTo`.',
    before: { mergesDestinationRulesByExportTo: false },
    source: 'pilot/pkg/model/destination_rule.go, mergeDestinationRule',
  },
  {
    since: 24,
    now: 'Of a Service and a ServiceEntry of one host name the Service is taken.',
    earlier: 'The first that is seen.',
    before: { prefersKubernetesServices: false },
    source: 'pilot/pkg/model/sidecar.go, selectServices',
  },
  {
    since: 22,
    now: 'A ServiceEntry with `resolution: NONE` sends to its `targetPort`.',
    earlier: 'Its `targetPort` is ignored.',
    before: { targetsPortsOfResolutionNone: false },
    source: 'pilot/pkg/networking/core/cluster.go, buildOutboundClusters',
  },
  {
    since: 21,
    now: 'Of wildcard hosts of VirtualServices the most specific wins.',
    earlier: 'The oldest VirtualService wins.',
    before: { mostSpecificWildcardWins: false },
    source: 'pilot/pkg/model/sidecar.go, MostSpecificHostMatch',
  },
  {
    since: 21,
    now: 'An ExternalName Service is another name of the service that it leads to.',
    earlier: 'It is a service of its own, resolved by DNS.',
    before: { aliasesExternalNames: false },
    source: 'pilot/pkg/serviceregistry/kube/conversion.go, ConvertService',
  },
  {
    since: 21,
    now: 'TLS of a DestinationRule without `sni` takes it from the request’s Host.',
    earlier: 'There is no SNI.',
    before: { setsSniFromHost: false },
    source: 'pilot/pkg/networking/core/cluster_tls.go, setAutoSniAndAutoSanValidation',
  },
  {
    since: 21,
    now: 'TLS of a DestinationRule without `caCertificates` trusts the system’s authorities.',
    earlier: 'The server’s certificate is not verified.',
    before: { verifiesServersByDefault: false },
    source: 'pilot/pkg/networking/core/cluster_traffic_policy.go, applyTrafficPolicy',
  },
];

/** The minor version of `1.24`, `1.24.3` or `v1.24`; undefined for anything else, and before 1.17. */
export function istioMinor(version: string): number | undefined {
  const match = /^v?1\.(\d+)(?:\.\d+)?$/.exec(version);
  const minor = match === null ? undefined : Number(match[1]);
  return minor !== undefined && minor >= OLDEST_MINOR ? minor : undefined;
}

/** How istiod of this minor version behaves; versions beyond the newest are taken for it. */
export function istioBehaviours(minor: number = NEWEST_MINOR): IstioBehaviours {
  const undone = ISTIO_CHANGES.filter((change) => minor < change.since).map(
    (change) => change.before,
  );
  return Object.assign({}, NEWEST, ...undone);
}
