import { memoOf } from '#source/memo.ts';
import type { DestinationRuleIndex } from './model/destination-rule-index.ts';
import type { ConsolidatedDestinationRule } from './model/destination-rule-merge.ts';
import type { HostName } from './model/host-name.ts';
import type { MeshModel } from './model/mesh-model.ts';
import type { Service } from './model/service.ts';
import type { SidecarScope } from './model/sidecar-scope.ts';
import { type ScopeSensitivity, scopeSensitivity } from './scope-sensitivity.ts';

type Rules = readonly ConsolidatedDestinationRule[];

/**
 * The services of a scope and the rules for each, before selectors choose: one object for all
 * namespaces and models in which they are the same, so that clusters are made once for all of them.
 *
 * @source istio: pilot/pkg/model/sidecar.go, SidecarScope.destinationRules
 */
export interface RuledServices {
  readonly services: readonly Service[];
  /** Of each service. */
  readonly rules: readonly Rules[];
  readonly sensitivity: ScopeSensitivity;
}

/** What a namespace last had for a list of services. */
interface Last {
  readonly index: DestinationRuleIndex;
  readonly ruled: RuledServices;
}

/** How many are remembered for a list of services: namespaces mostly see the same rules. */
const REMEMBERED = 64;

export class RuledServiceLists {
  readonly #byServices = new WeakMap<readonly Service[], RuledServices[]>();
  /** By namespace. */
  readonly #last = new WeakMap<readonly Service[], Map<string, Last>>();

  of(model: MeshModel, scope: SidecarScope): RuledServices {
    const { services, namespace } = scope;
    let byNamespace = this.#last.get(services);
    if (byNamespace === undefined) {
      byNamespace = new Map();
      this.#last.set(services, byNamespace);
    }
    const last = byNamespace.get(namespace);
    const index = model.destinationRules;
    if (last?.index === index) return last.ruled;
    const ruled = this.#first(model, services, rulesOf(scope, index, last), last?.ruled);
    byNamespace.set(namespace, { index, ruled });
    return ruled;
  }

  /** The first object with these services and rules. */
  #first(
    { meshConfig }: MeshModel,
    services: readonly Service[],
    rules: readonly Rules[],
    last: RuledServices | undefined,
  ): RuledServices {
    if (last?.rules === rules) return last;
    const known = this.#byServices.get(services) ?? [];
    const same = known.find((other) => haveSameRules(other.rules, rules));
    if (same !== undefined) return same;
    const sensitivity = scopeSensitivity({ services, rules }, meshConfig);
    const made = { services, rules, sensitivity };
    this.#byServices.set(services, [made, ...known].slice(0, REMEMBERED));
    return made;
  }
}

/** Looked up again only for services about which the rules have changed; the same list for none. */
function rulesOf(
  scope: SidecarScope,
  index: DestinationRuleIndex,
  last: Last | undefined,
): readonly Rules[] {
  const { services } = scope;
  const hosts = last && index.changedSince(last.index);
  if (last === undefined || hosts === undefined) {
    return services.map(({ hostname }) => scope.destinationRules(hostname));
  }
  const places = placesOf(services);
  const changed = [...hosts].flatMap((host) => places.get(host) ?? []);
  if (changed.length === 0) return last.ruled.rules;
  const rules = [...last.ruled.rules];
  for (const place of changed) rules[place] = scope.destinationRules(services[place]!.hostname);
  return rules;
}

/** Of each service in its list: one per host. */
const placesOf = memoOf(
  (services: readonly Service[]): ReadonlyMap<HostName, number> =>
    new Map(services.map(({ hostname }, place) => [hostname, place])),
);

function haveSameRules(a: readonly Rules[], b: readonly Rules[]): boolean {
  return a.every((rules, index) => {
    const others = b[index]!;
    return (
      rules === others ||
      (rules.length === others.length && rules.every((rule, at) => rule === others[at]))
    );
  });
}
