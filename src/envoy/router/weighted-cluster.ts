import { modUint64, parseUint64, type Uint64 } from '#kernel/uint64.ts';
import type { WeightedCluster } from '#xds/route.ts';
import type { HttpRequest } from '../network.ts';
import type { ReportProblem } from '../string-matcher.ts';

/**
 * Picks an entry of a weighted-cluster list.
 *
 * @source envoy: source/common/router/weighted_cluster_specifier.cc, WeightedClusterSpecifierPlugin
 */
export class WeightedClusterChoice {
  /** Where each entry's interval ends, exclusive; the last is the sum of the weights. */
  readonly #ends: readonly number[];
  readonly #total: number;
  readonly #headerName: string | undefined;
  readonly usesHashPolicy: boolean;

  constructor(xds: WeightedCluster, report: ReportProblem) {
    const ends: number[] = [];
    let total = 0;
    for (const { weight } of xds.clusters) {
      total += weight ?? 0;
      ends.push(total);
    }
    this.#ends = ends;
    this.#total = total;
    this.#headerName = xds.headerName?.toLowerCase();
    this.usesHashPolicy = xds.useHashPolicy ?? false;
    if (total === 0) report('Sum of weights in the weighted_cluster must be greater than 0.');
    if (total > 0xffffffff)
      report(`The sum of weights of all weighted clusters exceeds 4294967295`);
  }

  /** The entry's index. `hash`: the result of the route's hash policy, if it is to be used. */
  pick(request: HttpRequest, streamRandom: Uint64, hash: Uint64 | undefined): number {
    if (this.#total === 0) return 0;
    const value = this.#headerValue(request) ?? (this.usesHashPolicy ? hash : undefined);
    const at = modUint64(value ?? streamRandom, this.#total);
    const ends = this.#ends;
    let index = 0;
    while (at >= ends[index]!) index++;
    return index;
  }

  /** A header that occurs once and holds an unsigned 64-bit integer. */
  #headerValue(request: HttpRequest): Uint64 | undefined {
    if (this.#headerName === undefined) return undefined;
    const { headers } = request;
    const at = headers.indexOf(this.#headerName);
    if (at < 0 || headers.indexOf(this.#headerName, at + 1) >= 0) return undefined;
    return parseUint64(headers.values[at]!.trim());
  }
}
