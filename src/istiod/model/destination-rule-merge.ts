import type { Subset } from '#config/istio/destination-rule.ts';
import type { DestinationRule } from '#config/resource.ts';
import { memoOfPairs } from '#source/memo.ts';
import type { Path } from '#source/path.ts';
import { type ExportTo, equalExportTo, isSuperset } from './export-to.ts';
import type { HostName } from './host-name.ts';
import { equalLabels, type Labels } from './labels.ts';
import type { PlacedPolicy } from './traffic-policy.ts';

/** A subset of a service, and where it stands. */
export interface PlacedSubset {
  readonly subset: Subset;
  readonly labels: Labels;
  readonly policy: PlacedPolicy | undefined;
  readonly rule: DestinationRule;
  /** `spec.subsets[0]`. */
  readonly path: Path;
}

/** One or more DestinationRules of one namespace for one host, as they apply together. */
export interface ConsolidatedDestinationRule {
  readonly host: HostName;
  readonly namespace: string;
  /** As written in the oldest; empty when it has none. */
  readonly exportTo: ExportTo;
  readonly workloadSelector: Labels | undefined;
  /** The oldest: its name stands in cluster metadata. */
  readonly rule: DestinationRule;
  /** All of them, oldest first. */
  readonly from: readonly DestinationRule[];
  readonly policy: PlacedPolicy | undefined;
  readonly subsets: readonly PlacedSubset[];
}

/** A rule before it meets others. */
export interface IncomingRule {
  readonly rule: DestinationRule;
  readonly host: HostName;
  readonly exportTo: ExportTo;
}

/**
 * Adds a rule to those of its host: its subsets join an older rule that it may merge with (of equal
 * names the older counts), its policy counts if the older has none, and it is kept beside where it
 * may not merge. Rules come with selectors first, then by age.
 *
 * @source istio: pilot/pkg/model/destination_rule.go, mergeDestinationRule
 */
export function mergeDestinationRule(
  known: readonly ConsolidatedDestinationRule[],
  incoming: IncomingRule,
  mergesByExportTo: boolean,
): readonly ConsolidatedDestinationRule[] {
  const own = consolidated(incoming);
  let isKeptBeside = true;
  const merged = known.map((existing) => {
    if (mergesByExportTo) {
      isKeptBeside = !equalExportTo(own.exportTo, existing.exportTo);
      const isWider = existing.exportTo.size > 0 && isSuperset(own.exportTo, existing.exportTo);
      if (isKeptBeside && !isWider) return existing;
    }
    const selectors = compareSelectors(existing.workloadSelector, own.workloadSelector);
    if (selectors === 'different') {
      isKeptBeside = true;
      return existing;
    }
    if (selectors === 'same') isKeptBeside = false;
    return united(existing, own);
  });
  return isKeptBeside ? [...merged, own] : merged;
}

function compareSelectors(
  a: Labels | undefined,
  b: Labels | undefined,
): 'same' | 'different' | 'one' {
  if (a === undefined && b === undefined) return 'same';
  if (a === undefined || b === undefined) return 'one';
  return equalLabels(a, b) ? 'same' : 'different';
}

/** What is merged again from the same rules is the same object, and so is what is made of it. */
const united = memoOfPairs(unionOf);

function unionOf(
  older: ConsolidatedDestinationRule,
  newer: ConsolidatedDestinationRule,
): ConsolidatedDestinationRule {
  const names = new Set(older.subsets.map(({ subset }) => subset.name));
  return {
    ...older,
    from: [...older.from, ...newer.from],
    policy: older.policy ?? newer.policy,
    subsets: [...older.subsets, ...newer.subsets.filter(({ subset }) => !names.has(subset.name))],
  };
}

const alone = new WeakMap<DestinationRule, ConsolidatedDestinationRule>();

/** A rule by itself: the same object as long as the resource is. */
function consolidated(incoming: IncomingRule): ConsolidatedDestinationRule {
  const { rule, host, exportTo } = incoming;
  const known = alone.get(rule);
  if (known?.host === host && equalExportTo(known.exportTo, exportTo)) return known;
  const made = newConsolidated(incoming);
  alone.set(rule, made);
  return made;
}

function newConsolidated({ rule, host, exportTo }: IncomingRule): ConsolidatedDestinationRule {
  const { trafficPolicy, subsets, workloadSelector } = rule.spec;
  return {
    host,
    namespace: rule.metadata.namespace,
    exportTo,
    workloadSelector: workloadSelector?.matchLabels,
    rule,
    from: [rule],
    policy: trafficPolicy && { policy: trafficPolicy, rule, path: ['spec', 'trafficPolicy'] },
    subsets: subsets.map((subset, index) => placedSubset(rule, subset, index)),
  };
}

function placedSubset(rule: DestinationRule, subset: Subset, index: number): PlacedSubset {
  const path = ['spec', 'subsets', index];
  return {
    subset,
    labels: subset.labels,
    policy: subset.trafficPolicy && {
      policy: subset.trafficPolicy,
      rule,
      path: [...path, 'trafficPolicy'],
    },
    rule,
    path,
  };
}

/** The subset of a rule by name. */
export function subsetOf(
  rule: ConsolidatedDestinationRule | undefined,
  name: string,
): PlacedSubset | undefined {
  return rule?.subsets.find(({ subset }) => subset.name === name);
}
