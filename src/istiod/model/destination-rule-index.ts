import type { DestinationRule } from '#config/resource.ts';
import { addHost, type ChangedHosts } from './changed-hosts.ts';
import { compareCreation } from './creation-order.ts';
import {
  type ConsolidatedDestinationRule,
  mergeDestinationRule,
} from './destination-rule-merge.ts';
import { type ExportTo, PRIVATE, PUBLIC } from './export-to.ts';
import { HostIndex, type HostName, isWildcard } from './host-name.ts';
import { resolveShortName } from './names.ts';
import type { Aged } from './resources.ts';

type RulesByHost = HostIndex<readonly ConsolidatedDestinationRule[]>;

/** What the index needs to know of the mesh. */
export interface DestinationRuleScope {
  readonly rootNamespace: string;
  readonly domain: string;
  readonly defaultExportTo: readonly string[];
  readonly mergesByExportTo: boolean;
}

/** A service as rules are looked up for it. */
export interface RuledService {
  readonly hostname: HostName;
  readonly namespace: string;
}

/**
 * DestinationRules by the namespaces that look them up: the client's own, then the service's, then
 * the root namespace. The first that has any is final.
 *
 * @source istio: pilot/pkg/model/push_context.go, setDestinationRules, destinationRule
 */
export class DestinationRuleIndex {
  readonly #scope: DestinationRuleScope;
  readonly #local = new Map<string, RulesByHost>();
  readonly #exported = new Map<string, RulesByHost>();
  readonly #rootLocal: RulesByHost = new HostIndex();
  /** By client namespace: what was asked before. */
  readonly #found = new Map<
    string,
    WeakMap<RuledService, readonly ConsolidatedDestinationRule[]>
  >();
  readonly #changedSince = new WeakMap<DestinationRuleIndex, { readonly hosts: ChangedHosts }>();
  /** Some rule is for certain workloads only. */
  readonly hasSelectors: boolean;

  constructor(rules: readonly Aged<DestinationRule>[], scope: DestinationRuleScope) {
    this.#scope = scope;
    const sorted = [...rules].sort(
      (a, b) =>
        Number(a.resource.spec.workloadSelector === undefined) -
          Number(b.resource.spec.workloadSelector === undefined) ||
        compareCreation(a.created, b.created),
    );
    for (const { resource } of sorted) this.#add(resource);
    this.hasSelectors = sorted[0]?.resource.spec.workloadSelector !== undefined;
  }

  #add(rule: DestinationRule): void {
    const { namespace } = rule.metadata;
    const hasSelector = rule.spec.workloadSelector !== undefined;
    const exportTo: ExportTo = new Set(hasSelector ? [PRIVATE] : rule.spec.exportTo);
    if (
      exportTo.size === 0 ||
      exportTo.has(PUBLIC) ||
      exportTo.has(PRIVATE) ||
      exportTo.has(namespace)
    ) {
      this.#merge(indexOf(this.#local, namespace), rule, exportTo);
    }
    if (!this.#isPrivateOnly(exportTo, namespace)) {
      this.#merge(indexOf(this.#exported, namespace), rule, exportTo);
    } else if (namespace === this.#scope.rootNamespace) {
      this.#merge(this.#rootLocal, rule, exportTo);
    }
  }

  #isPrivateOnly(exportTo: ExportTo, namespace: string): boolean {
    if (exportTo.size === 0) return this.#scope.defaultExportTo.includes(PRIVATE);
    return exportTo.size === 1 && (exportTo.has(PRIVATE) || exportTo.has(namespace));
  }

  #merge(index: RulesByHost, rule: DestinationRule, exportTo: ExportTo): void {
    const host = resolveShortName(rule.spec.host, rule.metadata.namespace, this.#scope.domain);
    const known = index.get(host) ?? [];
    const incoming = { rule, host, exportTo };
    index.set(host, mergeDestinationRule(known, incoming, this.#scope.mergesByExportTo));
  }

  /** The rules for a service as seen from a namespace; more than one where selectors choose. */
  rulesFor(namespace: string, service: RuledService): readonly ConsolidatedDestinationRule[] {
    let found = this.#found.get(namespace);
    if (found === undefined) {
      found = new WeakMap();
      this.#found.set(namespace, found);
    }
    let rules = found.get(service);
    if (rules === undefined) {
      rules = this.#lookUp(namespace, service);
      found.set(service, rules);
    }
    return rules;
  }

  /**
   * The services for which another index of the same mesh may give other rules, whoever asks; undefined
   * where a rule for many hosts has changed.
   */
  changedSince(before: DestinationRuleIndex): ChangedHosts {
    let known = this.#changedSince.get(before);
    if (known === undefined) {
      known = { hosts: this.#differences(before) };
      this.#changedSince.set(before, known);
    }
    return known.hosts;
  }

  #differences(before: DestinationRuleIndex): ChangedHosts {
    const hosts = new Set<HostName>();
    addDifferences(hosts, before.#rootLocal, this.#rootLocal);
    for (const [old, now] of [
      [before.#local, this.#local],
      [before.#exported, this.#exported],
    ] as const) {
      for (const namespace of new Set([...old.keys(), ...now.keys()])) {
        addDifferences(hosts, old.get(namespace), now.get(namespace));
      }
    }
    for (const host of hosts) if (isWildcard(host)) return undefined;
    return hosts;
  }

  #lookUp(namespace: string, service: RuledService): readonly ConsolidatedDestinationRule[] {
    const { rootNamespace } = this.#scope;
    const own = namespace === rootNamespace ? this.#rootLocal : this.#local.get(namespace);
    const local = own?.mostSpecific(service.hostname);
    if (local !== undefined) return local;
    const ofService = this.#exportedRules(service.namespace, service.hostname, namespace);
    if (ofService.length > 0) return ofService;
    return this.#exportedRules(rootNamespace, service.hostname, namespace);
  }

  /** Of the most specific entry alone: one that is not exported here hides less specific ones. */
  #exportedRules(
    owner: string,
    hostname: HostName,
    client: string,
  ): readonly ConsolidatedDestinationRule[] {
    const rules = this.#exported.get(owner)?.mostSpecific(hostname) ?? NO_RULES;
    const isOpen = ({ exportTo }: ConsolidatedDestinationRule) =>
      exportTo.size === 0 || exportTo.has(PUBLIC) || exportTo.has(client);
    return rules.every(isOpen) ? rules : rules.filter(isOpen);
  }
}

/** Adds the hosts for which two indexes have other rules. */
function addDifferences(
  hosts: Set<HostName>,
  before: RulesByHost = NO_HOSTS,
  now: RulesByHost = NO_HOSTS,
): void {
  if (before === now) return;
  for (const [host, rules] of now.entries()) {
    if (!areSame(before.get(host) ?? NO_RULES, rules)) addHost(hosts, host);
  }
  for (const [host] of before.entries()) if (now.get(host) === undefined) addHost(hosts, host);
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

const NO_HOSTS: RulesByHost = new HostIndex();
const NO_RULES: readonly ConsolidatedDestinationRule[] = [];

function indexOf(indexes: Map<string, RulesByHost>, namespace: string): RulesByHost {
  const known = indexes.get(namespace);
  if (known !== undefined) return known;
  const created: RulesByHost = new HostIndex();
  indexes.set(namespace, created);
  return created;
}
