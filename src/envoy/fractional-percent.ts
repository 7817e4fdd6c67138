import { modUint64, type Uint64 } from '#kernel/uint64.ts';
import type { Denominator, FractionalPercent, RuntimeFractionalPercent } from '#xds/core.ts';

const DENOMINATORS: { readonly [name in Denominator]: number } = {
  HUNDRED: 100,
  TEN_THOUSAND: 10_000,
  MILLION: 1_000_000,
};

/** A share of requests: those whose random, modulo `denominator`, lies below `numerator`. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** A numerator of its denominator or more means always, by itself. */
export function compileFraction(percent: FractionalPercent): Fraction {
  return {
    numerator: percent.numerator ?? 0,
    denominator: DENOMINATORS[percent.denominator ?? 'HUNDRED'],
  };
}

/** The default of a runtime fraction: nobody overrides runtime keys here. Undefined when nothing is set. */
export function compileRuntimeFraction(
  fraction: RuntimeFractionalPercent | undefined,
): Fraction | undefined {
  return fraction && compileFraction(fraction.defaultValue ?? {});
}

/**
 * Whether a stream's random value falls into the share.
 *
 * @source envoy: source/common/protobuf/utility.cc, ProtobufPercentHelper::evaluateFractionalPercent
 */
export function fractionHits(fraction: Fraction, random: Uint64): boolean {
  return modUint64(random, fraction.denominator) < fraction.numerator;
}

/** In percent, for explanations. */
export function fractionPercent(fraction: Fraction): number {
  return (100 * fraction.numerator) / fraction.denominator;
}
