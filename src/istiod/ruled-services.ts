import type { ConsolidatedDestinationRule } from './model/destination-rule-merge.ts';
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

/** How many are remembered for a list of services: namespaces mostly see the same rules. */
const REMEMBERED = 64;

export class RuledServiceLists {
  readonly #byServices = new WeakMap<readonly Service[], RuledServices[]>();
  /** By what they follow from. */
  readonly #bySources = new WeakMap<
    readonly Service[],
    WeakMap<MeshModel['destinationRules'], Map<string, RuledServices>>
  >();

  of(model: MeshModel, scope: SidecarScope): RuledServices {
    const byNamespace = this.#byNamespace(scope, model.destinationRules);
    let found = byNamespace.get(scope.namespace);
    if (found === undefined) {
      found = this.#first(model, scope);
      byNamespace.set(scope.namespace, found);
    }
    return found;
  }

  #byNamespace(
    { services }: SidecarScope,
    rules: MeshModel['destinationRules'],
  ): Map<string, RuledServices> {
    let byRules = this.#bySources.get(services);
    if (byRules === undefined) {
      byRules = new WeakMap();
      this.#bySources.set(services, byRules);
    }
    let byNamespace = byRules.get(rules);
    if (byNamespace === undefined) {
      byNamespace = new Map();
      byRules.set(rules, byNamespace);
    }
    return byNamespace;
  }

  /** The first object with these services and rules. */
  #first({ meshConfig }: MeshModel, scope: SidecarScope): RuledServices {
    const { services } = scope;
    const rules = services.map(({ hostname }) => scope.destinationRules(hostname));
    const known = this.#byServices.get(services) ?? [];
    const same = known.find((other) => haveSameRules(other.rules, rules));
    if (same !== undefined) return same;
    const sensitivity = scopeSensitivity({ services, rules }, meshConfig);
    const made = { services, rules, sensitivity };
    this.#byServices.set(services, [made, ...known].slice(0, REMEMBERED));
    return made;
  }
}

function haveSameRules(a: readonly Rules[], b: readonly Rules[]): boolean {
  return a.every((rules, index) => {
    const others = b[index]!;
    return (
      rules === others ||
      (rules.length === others.length && rules.every((rule, at) => rule === others[at]))
    );
  });
}
