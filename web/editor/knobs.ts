import type { ViewPlace } from '#report/run-view.ts';
import { isOfPods } from '../engine/of-pods.ts';
import type { Project } from '../engine/protocol.ts';
import type { RunValue } from '../engine/run-values.ts';
import type { ValueChange } from './replace-values.ts';

/** The values of a project that can be dragged, with the state of the project in which they stand there. */
export interface Knobs {
  readonly values: readonly RunValue[];
  readonly project: Project;
}

const FEW = 5;
const NEAR_LINES = 8;

/**
 * Those that mattered most: the weight that was written last, those near the lines that are to blame, then
 * those of the file that is open.
 */
export function fewKnobs(
  values: readonly RunValue[],
  file: string,
  blamed: readonly ViewPlace[],
): readonly RunValue[] {
  const near = blamed.flatMap((at) =>
    values.filter(
      (value) => value.at.file === at.file && Math.abs(value.at.line - at.line) <= NEAR_LINES,
    ),
  );
  const open = values.filter(({ at }) => at.file === file);
  const weights = values.filter(({ route }) => route !== '');
  const weightsHere = weights.filter(({ at }) => at.file === file);
  const rules = values.filter((value) => value.object !== '' && !isOfPods(value));
  const behaviour = values.filter((value) => !isOfPods(value));
  const first = (weightsHere.length > 0 ? weightsHere : weights).slice(-1);
  return [...new Set([...first, ...near, ...open, ...rules, ...behaviour, ...values])].slice(
    0,
    FEW,
  );
}

/** By the object that they are in, in the order of the files. */
export function knobGroups(
  values: readonly RunValue[],
): readonly { readonly object: string; readonly values: readonly RunValue[] }[] {
  const groups = new Map<string, RunValue[]>();
  for (const value of values) {
    const key = `${value.at.file} ${value.object}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return [...groups.values()].map((group) => ({ object: group[0]!.object, values: group }));
}

/** What else must change with it: the weights of a route keep their sum. */
export function changesOf(
  values: readonly RunValue[],
  knob: RunValue,
  value: number,
): readonly ValueChange[] {
  const own = { at: knob.at, text: plain(value) };
  if (knob.route === '') return [own];
  const others = values.filter((other) => other.route === knob.route && other !== knob);
  const sum = others.reduce((total, other) => total + other.value, knob.value);
  const rest = Math.max(0, sum - value);
  const shares = sharedOut(
    rest,
    others.map((other) => other.value),
  );
  return [own, ...others.map(({ at }, index) => ({ at, text: plain(shares[index]!) }))];
}

/** Whole numbers that make a sum, in the proportions of the former ones. */
function sharedOut(sum: number, former: readonly number[]): readonly number[] {
  const total = former.reduce((all, one) => all + one, 0);
  let given = 0;
  let before = 0;
  return former.map((one, index) => {
    given += total === 0 ? 1 / former.length : one / total;
    const upTo = index === former.length - 1 ? sum : Math.round(given * sum);
    const share = upTo - before;
    before = upTo;
    return share;
  });
}

/** So many steps from a value, within its range: from end to end in about a hundred, whatever the range. */
export function stepped({ most, step }: RunValue, from: number, steps: number): number {
  const stepLength = Math.max(1, Math.round(most / step / 100)) * step;
  return Number(plain(Math.max(0, Math.min(most, from + steps * stepLength))));
}

/** Without the noise of binary fractions. */
export function plain(value: number): string {
  return String(Number(value.toFixed(3)));
}
