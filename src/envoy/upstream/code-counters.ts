/**
 * Counters by HTTP status: a few codes each, so a short scan beats a table. Kept in order of first
 * appearance.
 *
 * @source envoy: source/common/http/codes.cc, CodeStatsImpl
 */
export class CodeCounters {
  readonly codes: number[] = [];
  readonly counts: number[] = [];
  completed = 0;

  add(code: number): void {
    this.completed++;
    const codes = this.codes;
    for (let index = 0; index < codes.length; index++) {
      if (codes[index] === code) {
        this.counts[index]!++;
        return;
      }
    }
    codes.push(code);
    this.counts.push(1);
  }

  /** The `<prefix>upstream_rq_…` counters that are not zero. */
  collect(prefix: string, into: Map<string, number>): void {
    if (this.completed === 0) return;
    into.set(`${prefix}upstream_rq_completed`, this.completed);
    this.codes.forEach((code, index) => {
      const count = this.counts[index]!;
      const family = `${prefix}upstream_rq_${Math.floor(code / 100)}xx`;
      into.set(family, (into.get(family) ?? 0) + count);
      into.set(`${prefix}upstream_rq_${code}`, count);
    });
  }
}
