import type { ViewPlace } from '#report/run-view.ts';
import type { Project } from '../engine/protocol.ts';

/** A value in a file that can be dragged. */
export interface Knob {
  readonly name: string;
  readonly at: ViewPlace;
  readonly value: number;
  readonly unit: string;
  readonly most: number;
  readonly step: number;
}

/** Keys that matter to a run, with the greatest value of a slider. */
const KEYS: ReadonlyMap<string, number> = new Map([
  ['weight', 100],
  ['http1MaxPendingRequests', 64],
  ['http2MaxRequests', 128],
  ['maxConnections', 64],
  ['maxRequestsPerConnection', 100],
  ['maxRetries', 20],
  ['attempts', 10],
  ['timeout', 0],
  ['perTryTimeout', 0],
  ['consecutive5xxErrors', 30],
  ['consecutiveGatewayErrors', 30],
  ['interval', 0],
  ['baseEjectionTime', 0],
  ['maxEjectionPercent', 100],
  ['minHealthPercent', 100],
  ['value', 100],
  ['rate', 0],
  ['concurrency', 0],
]);

const VALUE = new RegExp(
  `(?<![\\w.])(${[...KEYS.keys()].join('|')})(:\\s*)(\\d+(?:\\.\\d+)?)(ms|s|m|%|/s|/m)?(?=[\\s,}\\]#]|$)`,
  'g',
);

const known = new WeakMap<Project, Map<string, readonly Knob[]>>();

/** All of them in a file, in the order of lines. */
export function knobsOf(project: Project, file: string): readonly Knob[] {
  const ofFiles = known.get(project) ?? new Map<string, readonly Knob[]>();
  known.set(project, ofFiles);
  const knobs = ofFiles.get(file) ?? foundIn(project, file);
  ofFiles.set(file, knobs);
  return knobs;
}

function foundIn(project: Project, file: string): readonly Knob[] {
  const lines = project.files[file]?.split('\n') ?? [];
  return lines.flatMap((line, index) => {
    if (line.trimStart().startsWith('#')) return [];
    return [...line.matchAll(VALUE)].map((match): Knob => {
      const [, key = '', gap = '', digits = '', unit = ''] = match;
      const value = Number(digits);
      const column = (match.index ?? 0) + key.length + gap.length + 1;
      const most = Math.max(KEYS.get(key) ?? 0, niceAbove(value * 3));
      return {
        name: key === 'weight' ? `weight ${subsetBefore(lines, index)}` : key,
        at: { file, line: index + 1, column, length: digits.length },
        value,
        unit,
        most: unit === '%' ? 100 : key === 'weight' ? 100 : most,
        step: value > 0 && value < 1 ? 0.1 : 1,
      };
    });
  });
}

/** The subset or host that a weight belongs to. */
function subsetBefore(lines: readonly string[], index: number): string {
  for (let line = index; line >= Math.max(0, index - 4); line--) {
    const found = /subset:\s*["']?([\w.-]+)/.exec(lines[line]!) ?? undefined;
    if (found !== undefined) return found[1]!;
  }
  return '';
}

function niceAbove(value: number): number {
  if (value <= 10) return 10;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= value) ?? value;
}

const SHOWN = 5;

/** Those nearest to the lines that are to blame, else the first; with the file that is open first. */
export function shownKnobs(
  project: Project,
  file: string,
  blamed: readonly ViewPlace[],
): readonly Knob[] {
  const near = blamed.flatMap((at) =>
    knobsOf(project, at.file).filter((knob) => Math.abs(knob.at.line - at.line) <= 8),
  );
  const others = [file, ...Object.keys(project.files)].flatMap((name) => knobsOf(project, name));
  const weights = others.filter(({ name }) => name.startsWith('weight'));
  const once = new Map(
    [...weights.slice(-1), ...near, ...others].map((knob) => [
      `${knob.at.file}:${knob.at.line}:${knob.at.column}`,
      knob,
    ]),
  );
  return [...once.values()].slice(0, SHOWN);
}

/** What else must change with it: two weights make a hundred. */
export function changesOf(project: Project, knob: Knob, value: number) {
  const changes = [{ at: knob.at, text: String(value) }];
  if (!knob.name.startsWith('weight')) return changes;
  const partners = knobsOf(project, knob.at.file).filter(
    (other) =>
      other.name.startsWith('weight') &&
      other.at.line !== knob.at.line &&
      Math.abs(other.at.line - knob.at.line) <= 6,
  );
  const partner = partners[0];
  if (partners.length === 1 && partner !== undefined && partner.value + knob.value === 100)
    changes.push({ at: partner.at, text: String(100 - value) });
  return changes;
}
