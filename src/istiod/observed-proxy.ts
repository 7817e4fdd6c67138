import type { ProxyModel } from './model/proxy.ts';

/**
 * Results that were made for one proxy and hold for others. While a result is made, the proxy's labels
 * and its address note what is asked of them; a proxy that would have given the same answers gets the
 * same result. `key` tells everything else of a proxy that the results depend on.
 */
export class ResultsByProxy<Result> {
  readonly #key: (proxy: ProxyModel) => string;
  readonly #byKey = new Map<string, Observed<Result>[]>();

  constructor(key: (proxy: ProxyModel) => string) {
    this.#key = key;
  }

  get(proxy: ProxyModel, make: (observed: ObservedProxy) => Result): Result {
    const key = this.#key(proxy);
    const known = this.#byKey.get(key) ?? [];
    const match = known.find(({ proxy: observed }) => observed.answersLike(proxy));
    if (match !== undefined) return match.result;
    const observed = new ObservedProxy(proxy);
    const result = make(observed);
    this.#byKey.set(key, [...known, { proxy: observed, result }]);
    return result;
  }
}

interface Observed<Result> {
  readonly proxy: ObservedProxy;
  readonly result: Result;
}

/** A proxy that remembers what was asked of it. */
export class ObservedProxy {
  /** To be used in the proxy's place; its address is asked with `hasAddress` alone. */
  readonly proxy: ProxyModel;
  readonly #labels: ObservedLabels;
  readonly #address: string | undefined;
  readonly #askedAddresses = new Set<string>();

  constructor(proxy: ProxyModel) {
    this.#labels = new ObservedLabels(proxy.labels);
    this.#address = proxy.ips[0];
    this.proxy = { ...proxy, labels: this.#labels };
  }

  /** Whether an address is the proxy's own. */
  hasAddress(address: string): boolean {
    this.#askedAddresses.add(address);
    return address === this.#address;
  }

  /** Whether another proxy would have given the same answers. */
  answersLike({ labels, ips: [address] }: ProxyModel): boolean {
    for (const [name, value] of this.#labels.asked) {
      if (labels.get(name) !== value) return false;
    }
    if (address === this.#address) return true;
    const isAsked = (own: string | undefined) => own !== undefined && this.#askedAddresses.has(own);
    return !isAsked(address) && !isAsked(this.#address);
  }
}

class ObservedLabels extends Map<string, string> {
  readonly asked = new Map<string, string | undefined>();

  override get(name: string): string | undefined {
    const value = super.get(name);
    this.asked.set(name, value);
    return value;
  }

  override has(name: string): boolean {
    return this.get(name) !== undefined;
  }
}
