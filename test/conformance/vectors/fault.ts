import { compileFault, FaultStats, FaultStream } from '#envoy/filters/fault.ts';
import { HeaderMap } from '#envoy/http/header-map.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import { flagsText, withFlag } from '#telemetry/response-flags.ts';
import type { FractionalPercent } from '#xds/core.ts';
import type { HttpFault } from '#xds/route.ts';
import type { VectorAdapter } from './adapter.ts';

interface Roll extends FractionalPercent {
  readonly header?: boolean;
  readonly ms?: number;
  readonly status?: number;
}

interface Vector {
  readonly delay: Roll | null;
  readonly abort: Roll | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly active_faults: number;
  readonly max_active_faults: number | null;
  readonly draws: readonly string[];
}

export const run: VectorAdapter = (vector: Vector) => {
  const fault = compileFault(faultOf(vector), () => {});
  const headers = HeaderMap.of(Object.entries(vector.headers));
  const stats = new FaultStats();
  stats.activeFaults = vector.active_faults;
  const random = new ScriptedRandom(vector.draws);
  const stream = new FaultStream();
  let flags = 0;
  let step = stream.onRequest(fault, headers, stats, random);
  if (step === 'delay') {
    flags = withFlag(flags, 'DI');
    step = stream.onDelayOver(fault, headers, stats, random);
  }
  if (step === 'abort') flags = withFlag(flags, 'FI');
  return {
    expect: {
      delay_ms: stream.delayMs,
      abort: stream.reply?.status ?? null,
      flags: flagsText(flags),
      faults_overflow: stats.faultsOverflow,
    },
  };
};

function faultOf({ delay, abort, max_active_faults }: Vector): HttpFault {
  return {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
    ...(delay && {
      delay: {
        percentage: delay,
        ...(delay.header ? { headerDelay: {} } : { fixedDelay: `${(delay.ms ?? 0) / 1000}s` }),
      },
    }),
    ...(abort && {
      abort: {
        percentage: abort,
        ...(abort.header ? { headerAbort: {} } : { httpStatus: abort.status ?? 0 }),
      },
    }),
    ...(max_active_faults === null ? {} : { maxActiveFaults: max_active_faults }),
  };
}
