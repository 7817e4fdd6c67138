import type {
  CommonHttpProtocolOptions,
  Http2ProtocolOptions,
  HttpProtocolOptions,
} from '#xds/cluster.ts';
import type { Json } from '#xds/core.ts';
import { isHttp, isHttp2, isSniffed, type Protocol } from '../model/protocol.ts';

/** Which HTTP version a cluster speaks; undefined is HTTP/1.1 without saying so. */
export type UpstreamHttpVersion = 'http2' | 'downstream' | undefined;

const TYPE = 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** The key of the options among a cluster's typed extension options. */
export const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/**
 * What a port's protocol decides: HTTP/2 where it is declared, the caller's own version where a
 * sidecar sniffs.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, setUpstreamProtocol
 */
export function declaredHttpVersion(protocol: Protocol, isSidecar: boolean): UpstreamHttpVersion {
  if (isHttp2(protocol)) return 'http2';
  return isSidecar && isSniffed(protocol) ? 'downstream' : undefined;
}

/** What a rule's connection pool and the mesh say about the HTTP version. */
export interface HttpVersionPolicy {
  readonly h2UpgradePolicy?: string | undefined;
  readonly useClientProtocol?: boolean | undefined;
}

/**
 * The version with upgrades applied. `UPGRADE` in a rule counts on any port, the mesh's only on
 * ports declared as HTTP; a version that is already fixed is not upgraded.
 *
 * @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, shouldH2Upgrade
 */
export function effectiveHttpVersion(
  declared: UpstreamHttpVersion,
  policy: HttpVersionPolicy,
  meshUpgrades: boolean,
  protocol: Protocol,
): UpstreamHttpVersion {
  if (policy.useClientProtocol) return 'downstream';
  if (declared !== undefined) return declared;
  if (policy.h2UpgradePolicy === 'UPGRADE') return 'http2';
  if (policy.h2UpgradePolicy === 'DO_NOT_UPGRADE') return undefined;
  return meshUpgrades && isHttp(protocol) ? 'http2' : undefined;
}

/** The parts of a cluster's HTTP options, each from another corner of the configuration. */
export interface HttpOptionsParts {
  readonly version: UpstreamHttpVersion;
  readonly common?: CommonHttpProtocolOptions | undefined;
  readonly http2?: Http2ProtocolOptions;
  readonly autoSni?: boolean;
  readonly autoSanValidation?: boolean;
  readonly errorMatcher?: Json | undefined;
}

/**
 * The HTTP options of a cluster, or undefined when there is nothing to say.
 *
 * @source istio: pilot/pkg/networking/core/cluster_builder.go, build
 */
export function httpProtocolOptions(parts: HttpOptionsParts): HttpProtocolOptions | undefined {
  const { version, common, autoSni, autoSanValidation, errorMatcher } = parts;
  const isSilent =
    version === undefined &&
    common === undefined &&
    errorMatcher === undefined &&
    !autoSni &&
    !autoSanValidation;
  if (isSilent) return undefined;
  return {
    '@type': TYPE,
    ...(common === undefined ? {} : { commonHttpProtocolOptions: common }),
    ...(autoSni || autoSanValidation
      ? {
          upstreamHttpProtocolOptions: {
            ...(autoSni ? { autoSni } : {}),
            ...(autoSanValidation ? { autoSanValidation } : {}),
          },
        }
      : {}),
    ...versionOptions(version, common === undefined ? {} : (parts.http2 ?? {})),
    ...(errorMatcher === undefined ? {} : { outlierDetection: { errorMatcher } }),
  };
}

function versionOptions(
  version: UpstreamHttpVersion,
  http2ProtocolOptions: Http2ProtocolOptions,
): Partial<HttpProtocolOptions> {
  switch (version) {
    case 'http2':
      return { explicitHttpConfig: { http2ProtocolOptions } };
    case 'downstream':
      return {
        useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions: {} },
      };
    case undefined:
      return { explicitHttpConfig: { httpProtocolOptions: {} } };
  }
}
