import { type ClientChange, clientChange } from './client-keys.ts';
import { MAX_LIST, MAX_REPLICAS, MAX_TIMELINE_STEPS } from './limits.ts';
import { type MeshEntry, meshEntry } from './mesh-keys.ts';
import { duration, integer, positiveDuration, share, text } from './scalar-shapes.ts';
import type { ScenarioNode } from './scenario-node.ts';
import {
  anything,
  key,
  type Located,
  listOf,
  located,
  mappingOf,
  oneOrMore,
  type Report,
  requiredKey,
  type Shape,
  turned,
  type ValuesOf,
} from './shape.ts';
import {
  type ExternalSettings,
  externalHost,
  type WorkloadChange,
  workloadChange,
} from './workload-keys.ts';

/** What happens at a moment of the run. */
export interface TimelineStep {
  readonly atNs: number;
  readonly at: ScenarioNode['at'];
  readonly action: TimelineAction;
}

export type TimelineAction =
  | { readonly kind: 'apply'; readonly entries: readonly MeshEntry[] }
  | { readonly kind: 'delete'; readonly what: readonly Located<string>[] }
  | {
      readonly kind: 'setWorkload';
      readonly workload: Located<string>;
      readonly set: WorkloadChange;
    }
  | { readonly kind: 'setClient'; readonly client: Located<string>; readonly set: ClientChange }
  | {
      readonly kind: 'setExternal';
      readonly host: Located<string>;
      readonly set: ExternalSettings;
    }
  | { readonly kind: 'scale'; readonly workload: Located<string>; readonly to: number }
  | {
      readonly kind: 'kill';
      readonly workload: Located<string>;
      readonly count: number;
      readonly restartNs: number | undefined;
    }
  | {
      readonly kind: 'lose';
      readonly place: 'node' | 'zone';
      readonly name: Located<string>;
      readonly detectNs: number;
      readonly restartNs: number | undefined;
    }
  | { readonly kind: 'rollout'; readonly workload: Located<string> }
  | { readonly kind: 'drain'; readonly workload: Located<string> }
  | {
      readonly kind: 'partition';
      readonly between: Between;
      readonly forNs: number | undefined;
    }
  | {
      readonly kind: 'network';
      readonly between: Between;
      readonly latencyNs: number | undefined;
      readonly jitterNs: number | undefined;
      readonly lossShare: number | undefined;
      readonly resetShare: number | undefined;
      readonly forNs: number | undefined;
    }
  | { readonly kind: 'note'; readonly text: string };

/** A set of workloads, nodes, zones and regions. */
export interface PlaceSet {
  readonly names: readonly Located<string>[];
  /** In words. */
  readonly value: string;
}

export type Between = readonly [PlaceSet, PlaceSet];

const placeSet: Shape<PlaceSet> = turned(oneOrMore(located(text), MAX_LIST), (names) => ({
  names,
  value: names.map(({ value }) => value).join(', '),
}));

const between = key(
  listOf(placeSet, 2),
  'Two workloads, nodes, zones or regions, or lists of them; `outside` is beyond the mesh, `*` everything.',
);

const partition = mappingOf('a partition', {
  between,
  for: key(positiveDuration, 'How long. Default: to the end.'),
});

const networkChange = mappingOf('a network change', {
  between,
  latency: key(duration, 'One way.'),
  jitter: key(duration, 'Each message takes up to that much longer, evenly.'),
  loss: key(share, 'Of messages; each lost one comes 200 ms later.'),
  reset: key(share, 'Of messages; instead of arriving it resets its connection.'),
  for: key(positiveDuration, 'How long. Default: to the end.'),
});

/** kube-controller-manager's `--node-monitor-grace-period`. */
const NODE_GRACE_NS = 50e9;

const lostPlace = mappingOf('a place', {
  node: key(located(text), 'A node.'),
  zone: key(located(text), 'A zone.'),
});

const TIMELINE_KEYS = {
  at: requiredKey(duration, 'When.'),
  apply: key(oneOrMore(meshEntry, MAX_LIST), 'Files or objects, as `kubectl apply`.'),
  delete: key(oneOrMore(located(text), MAX_LIST), 'Files or KIND/NAME, as `kubectl delete`.'),
  workload: key(located(text), 'Changes how instances behave, with `set`.'),
  client: key(located(text), 'Changes a client, with `set`.'),
  external: key(located(text), 'Changes a host outside, with `set`.'),
  set: key(anything('a mapping'), 'What changes.'),
  scale: key(located(text), 'Changes the number of pods of a workload, with `to`.'),
  to: key(integer(0, MAX_REPLICAS), 'How many pods.'),
  kill: key(located(text), 'Kills pods of a workload in name order; connections are reset.'),
  count: key(integer(1, MAX_REPLICAS), 'How many pods. Default 1.'),
  restart: key(duration, 'The same pods come back after this time.'),
  lose: key(
    lostPlace,
    'A node or a zone is gone with its pods, {node: N} or {zone: Z}: what is sent there gets lost.',
  ),
  detect: key(duration, 'How long until endpoints follow a lost node. Default 50 s.'),
  rollout: key(located(text), 'Replaces the pods of a workload one after another.'),
  drain: key(located(text), 'Takes the pods of a workload out of service gracefully.'),
  partition: key(partition, 'Nothing passes between two parts.'),
  network: key(networkChange, 'Latency or loss between two parts.'),
  note: key(text, 'A text for the charts.'),
};

type StepValues = ValuesOf<typeof TIMELINE_KEYS>;

/** Verbs, with the keys that each may have beside it. */
const VERBS: ReadonlyMap<keyof typeof TIMELINE_KEYS, readonly (keyof typeof TIMELINE_KEYS)[]> =
  new Map([
    ['apply', []],
    ['delete', []],
    ['workload', ['set']],
    ['client', ['set']],
    ['external', ['set']],
    ['scale', ['to']],
    ['kill', ['count', 'restart']],
    ['lose', ['detect', 'restart']],
    ['rollout', []],
    ['drain', []],
    ['partition', []],
    ['network', []],
    ['note', []],
  ]);

const step: Shape<TimelineStep> = turned(
  mappingOf('a timeline step', TIMELINE_KEYS),
  (found, node, report): TimelineStep | undefined => {
    const action = actionOf(found, node, report);
    if (action === undefined || found.at === undefined) return undefined;
    return { atNs: found.at, at: node.at, action };
  },
);

/** `timeline:` */
export const timeline = listOf(step, MAX_TIMELINE_STEPS);

function actionOf(
  found: StepValues,
  node: ScenarioNode,
  report: Report,
): TimelineAction | undefined {
  const written = new Set(found.node.entries.keys());
  const verbs = [...VERBS.keys()].filter((verb) => written.has(verb));
  const [verb] = verbs;
  const hasUnknown = [...written].some((name) => !(name in TIMELINE_KEYS));
  if (verb === undefined && hasUnknown) return undefined; // A misspelt verb was reported already.
  if (verb === undefined || verbs.length > 1) {
    const what = verb === undefined ? 'no verb' : `${verbs.join(' and ')}`;
    const hint = `write one of ${[...VERBS.keys()].join(', ')}`;
    return report.error('MS0204', node.at, `a timeline step has one verb, found ${what}`, hint);
  }
  const allowed = new Set<string>(['at', verb, ...(VERBS.get(verb) ?? [])]);
  for (const [name, entry] of found.node.entries) {
    if (name in TIMELINE_KEYS && !allowed.has(name))
      report.error('MS0204', entry.keyAt, `"${name}" does not belong to "${verb}"`);
  }
  return configAction(found) ?? setAction(found, node, report) ?? podAction(found, node, report);
}

function configAction(found: StepValues): TimelineAction | undefined {
  if (found.apply !== undefined) return { kind: 'apply', entries: found.apply };
  if (found.delete !== undefined) return { kind: 'delete', what: found.delete };
  if (found.note !== undefined) return { kind: 'note', text: found.note };
  return undefined;
}

function setAction(
  found: StepValues,
  node: ScenarioNode,
  report: Report,
): TimelineAction | undefined {
  const { workload, client, external } = found;
  if (workload === undefined && client === undefined && external === undefined) return undefined;
  if (found.set === undefined) {
    return report.error(
      'MS0203',
      node.at,
      'want set: with what changes',
      'write set: {errors: {503: 40%}}',
    );
  }
  if (workload !== undefined) {
    const set = workloadChange.read(found.set, report);
    return set && { kind: 'setWorkload', workload, set };
  }
  if (client !== undefined) {
    const set = clientChange.read(found.set, report);
    return set && { kind: 'setClient', client, set };
  }
  const set = externalHost.read(found.set, report);
  return set && external && { kind: 'setExternal', host: external, set };
}

function loseAction(
  { lose, detect, restart }: StepValues,
  node: ScenarioNode,
  report: Report,
): TimelineAction | undefined {
  const name = lose?.node === undefined ? lose?.zone : lose.node;
  if (name === undefined || (lose?.node !== undefined && lose.zone !== undefined))
    return report.error('MS0204', node.at, 'want lose: {node: NAME} or lose: {zone: NAME}');
  const place = lose?.node === undefined ? 'zone' : 'node';
  return { kind: 'lose', place, name, detectNs: detect ?? NODE_GRACE_NS, restartNs: restart };
}

function podAction(
  found: StepValues,
  node: ScenarioNode,
  report: Report,
): TimelineAction | undefined {
  const { scale, kill, rollout, drain, partition, network } = found;
  if (scale !== undefined) {
    if (found.to !== undefined) return { kind: 'scale', workload: scale, to: found.to };
    return report.error(
      'MS0203',
      node.at,
      '"scale" needs the key "to"',
      'write scale: WORKLOAD, to: 3',
    );
  }
  if (kill !== undefined)
    return { kind: 'kill', workload: kill, count: found.count ?? 1, restartNs: found.restart };
  if (found.lose !== undefined) return loseAction(found, node, report);
  if (rollout !== undefined) return { kind: 'rollout', workload: rollout };
  if (drain !== undefined) return { kind: 'drain', workload: drain };
  const pair = partition?.between ?? network?.between;
  if (partition === undefined && network === undefined) return undefined;
  const [one, other] = pair ?? [];
  if (one === undefined || other === undefined)
    return report.error('MS0203', node.at, 'want between: [A, B]');
  const sets = [one, other] as const;
  if (partition !== undefined) return { kind: 'partition', between: sets, forNs: partition.for };
  const { latency: latencyNs, jitter: jitterNs, loss, reset, for: forNs } = network!;
  const shares = { lossShare: loss, resetShare: reset };
  return { kind: 'network', between: sets, latencyNs, jitterNs, ...shares, forNs };
}
