import type { ConsolidatedDestinationRule } from './model/destination-rule-merge.ts';
import type { IstioEndpoint } from './model/endpoint.ts';
import type { HostName } from './model/host-name.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { Service } from './model/service.ts';

/** Where endpoints are asked for: a state of the mesh. Lists that did not change are the same objects. */
export interface EndpointSource {
  endpoints(service: Service, portName: string): readonly IstioEndpoint[];
}

/** Where rules are asked for: by the name of a service, for one proxy. */
type RuleOf = (host: HostName) => ConsolidatedDestinationRule | undefined;

/**
 * Results that were made for one proxy and hold for others, and for later states of the mesh. While a
 * result is made, the proxy's labels, its address and the mesh note what is asked of them; where the
 * answers would have been the same, the result is. `key` tells everything else of a proxy that the
 * results depend on.
 */
export class ResultsByProxy<Result> {
  readonly #key: (proxy: ProxyModel) => string;
  readonly #byKey = new Map<string, readonly Observed<Result>[]>();

  constructor(key: (proxy: ProxyModel) => string) {
    this.#key = key;
  }

  get(
    proxy: ProxyModel,
    mesh: EndpointSource,
    make: (observed: ObservedProxy) => Result,
    ruleOf: RuleOf = () => undefined,
  ): Result {
    const key = this.#key(proxy);
    const known = this.#byKey.get(key) ?? NONE;
    const current = known.filter(({ observed }) => observed.hasEndpointsOf(mesh));
    const match = current.find(
      ({ observed }) => observed.answersLike(proxy) && observed.hasRulesOf(ruleOf),
    );
    if (match !== undefined) return match.result;
    const observed = new ObservedProxy(proxy, mesh, ruleOf);
    const result = make(observed);
    const kept = current.slice(-REMEMBERED);
    this.#byKey.set(key, [...kept, { observed: observed.seen, result }]);
    return result;
  }
}

interface Observed<Result> {
  readonly observed: SeenAnswers;
  readonly result: Result;
}

const NONE: readonly never[] = [];
/** Rules come and go: what was made for those that are gone is forgotten. */
const REMEMBERED = 255;

/** A proxy that remembers what was asked of it, and of the mesh. */
export class ObservedProxy {
  /** To be used in the proxy's place; its address is asked with `hasAddress` alone. */
  readonly proxy: ProxyModel;
  readonly seen: SeenAnswers;
  readonly #mesh: EndpointSource;
  readonly #ruleOf: RuleOf;

  constructor(proxy: ProxyModel, mesh: EndpointSource, ruleOf: RuleOf = () => undefined) {
    const labels = new ObservedLabels(proxy.labels);
    this.seen = new SeenAnswers(labels.asked, proxy.ips[0]);
    this.proxy = { ...proxy, labels };
    this.#mesh = mesh;
    this.#ruleOf = ruleOf;
  }

  ruleOf(host: HostName): ConsolidatedDestinationRule | undefined {
    const rule = this.#ruleOf(host);
    this.seen.rules.set(host, rule);
    return rule;
  }

  /** Whether an address is the proxy's own. */
  hasAddress(address: string): boolean {
    return this.seen.isOwnAddress(address);
  }

  endpoints(service: Service, portName: string): readonly IstioEndpoint[] {
    const endpoints = this.#mesh.endpoints(service, portName);
    this.seen.endpoints.push({ service, portName, endpoints });
    return endpoints;
  }
}

/** What was asked, and the answers. */
class SeenAnswers {
  readonly endpoints: {
    readonly service: Service;
    readonly portName: string;
    readonly endpoints: readonly IstioEndpoint[];
  }[] = [];
  readonly rules = new Map<HostName, ConsolidatedDestinationRule | undefined>();
  readonly #labels: ReadonlyMap<string, string | undefined>;
  readonly #address: string | undefined;
  readonly #askedAddresses = new Set<string>();

  constructor(labels: ReadonlyMap<string, string | undefined>, address: string | undefined) {
    this.#labels = labels;
    this.#address = address;
  }

  isOwnAddress(address: string): boolean {
    this.#askedAddresses.add(address);
    return address === this.#address;
  }

  /** Whether another proxy would have given the same answers. */
  answersLike({ labels, ips: [address] }: ProxyModel): boolean {
    for (const [name, value] of this.#labels) {
      if (labels.get(name) !== value) return false;
    }
    if (address === this.#address) return true;
    const isAsked = (own: string | undefined) => own !== undefined && this.#askedAddresses.has(own);
    return !isAsked(address) && !isAsked(this.#address);
  }

  /** Whether the rules are those that were seen. */
  hasRulesOf(ruleOf: RuleOf): boolean {
    for (const [host, rule] of this.rules) if (ruleOf(host) !== rule) return false;
    return true;
  }

  /** Whether a state of the mesh has the endpoints that were seen. */
  hasEndpointsOf(mesh: EndpointSource): boolean {
    return this.endpoints.every(
      ({ service, portName, endpoints }) => mesh.endpoints(service, portName) === endpoints,
    );
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
