import type { Destination } from '#config/istio/shared-shapes.ts';
import type { HttpRoute } from '#config/istio/virtual-service.ts';
import type { FractionalPercent } from '#xds/core.ts';
import type { RequestMirrorPolicy } from '#xds/route.ts';
import { hundredths, millionths } from './fault.ts';
import type { RouteContext } from './route-context.ts';

/**
 * One policy per mirror; a mirror of 0 % is none.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, applyHTTPRouteDestination, MirrorPercent
 */
export function buildMirrorPolicies(
  http: HttpRoute,
  context: RouteContext,
): readonly RequestMirrorPolicy[] {
  if (http.mirror === undefined && http.mirrors.length === 0) return NONE;
  const mirrors = [
    ...(http.mirror === undefined ? [] : [{ to: http.mirror, share: mirrorShare(http) }]),
    ...http.mirrors.map(({ destination, percentage }) => ({
      to: destination,
      share: percentage === undefined ? hundredths(100) : millionths(percentage),
    })),
  ];
  return mirrors.flatMap(({ to, share }) =>
    to === undefined || (share.numerator ?? 0) === 0 ? [] : [mirrorPolicy(to, share, context)],
  );
}

const NONE: readonly RequestMirrorPolicy[] = [];

function mirrorShare({ mirrorPercentage, mirrorPercent = 100 }: HttpRoute): FractionalPercent {
  return mirrorPercentage === undefined ? hundredths(mirrorPercent) : millionths(mirrorPercentage);
}

function mirrorPolicy(
  destination: Destination,
  defaultValue: FractionalPercent,
  { clusterOf, behaviours }: RouteContext,
): RequestMirrorPolicy {
  return {
    cluster: clusterOf(destination),
    runtimeFraction: { defaultValue },
    traceSampled: false,
    ...(behaviours.appendsShadowSuffix ? {} : { disableShadowHostSuffixAppend: true }),
  };
}
