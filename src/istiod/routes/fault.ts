import type { HttpFaultInjection, Percent } from '#config/istio/virtual-service.ts';
import { formatProtoDuration } from '#source/duration.ts';
import { grpcStatusCode } from '#source/grpc-status.ts';
import type { FractionalPercent } from '#xds/core.ts';
import type { HttpFault } from '#xds/route.ts';

/**
 * The fault filter's configuration for a route. Without a percentage nobody is hit; a
 * fault that says nothing is written, empty.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, TranslateFault
 */
export function buildFault({ delay, abort }: HttpFaultInjection): HttpFault {
  const faultDelay = delay && buildDelay(delay);
  const faultAbort = abort && buildAbort(abort);
  return {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
    ...(faultDelay === undefined ? {} : { delay: faultDelay }),
    ...(faultAbort === undefined ? {} : { abort: faultAbort }),
  };
}

/** In millionths. @source istio: the same file, translatePercentToFractionalPercent */
export function millionths(percent: Percent): FractionalPercent {
  const numerator = Math.trunc(percent.value * 10000);
  return { ...(numerator === 0 ? {} : { numerator }), denominator: 'MILLION' };
}

/** In hundredths. @source istio: the same file, translateIntegerToFractionalPercent */
export function hundredths(percent: number): FractionalPercent {
  return percent === 0 ? {} : { numerator: percent };
}

function buildDelay(delay: NonNullable<HttpFaultInjection['delay']>): HttpFault['delay'] {
  if (delay.fixedDelay === undefined) return undefined;
  const { percentage, percent } = delay;
  return {
    fixedDelay: formatProtoDuration(delay.fixedDelay),
    percentage: percentage === undefined ? hundredths(percent) : millionths(percentage),
  };
}

function buildAbort(abort: NonNullable<HttpFaultInjection['abort']>): HttpFault['abort'] {
  const percentage =
    abort.percentage === undefined ? {} : { percentage: millionths(abort.percentage) };
  if (abort.httpStatus !== undefined) return { httpStatus: abort.httpStatus, ...percentage };
  if (abort.grpcStatus === undefined) return undefined;
  // A name that is none was refused by validation.
  return { grpcStatus: grpcStatusCode(abort.grpcStatus) ?? 0, ...percentage };
}
