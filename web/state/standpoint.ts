import type { Stretch } from '../charts/axis.ts';
import { charts } from '../charts/chart-state.ts';
import { LANES } from '../charts/lanes.ts';
import { type HealthThresholds, KIALI_THRESHOLDS, thresholds } from '../graph/thresholds.ts';
import {
  EDGE_LABELS,
  EVENT_KINDS,
  GRAPH_KINDS,
  type PageState,
  PHONE_TABS,
  type Selection,
} from './page-state.ts';

/** What somebody looks at: it goes into links, and survives a reload. */
export type Standpoint = Pick<PageState, (typeof KEPT)[number]> & {
  /** Which stretch fills the charts; undefined = the whole run. */
  readonly zoom: Stretch | undefined;
  readonly isLinear: boolean;
  readonly pool: string;
  readonly thresholds: HealthThresholds;
};

const KEPT = [
  'file',
  'cursorNs',
  'selection',
  'openRequest',
  'graphKind',
  'edgeLabels',
  'find',
  'lanes',
  'eventKind',
  'speed',
  'phoneTab',
  'maximised',
] as const satisfies readonly (keyof PageState)[];

export function standpointOf(state: PageState): Standpoint {
  const entries = KEPT.map((key) => [key, state[key]] as const);
  const { zoom, isLinear, pool } = charts.state;
  const ofPage = Object.fromEntries(entries) as unknown as Standpoint; // These keys of that state.
  return { ...ofPage, zoom, isLinear, pool, thresholds: thresholds.state };
}

type Check<T> = (value: unknown) => value is T;
type Checks = { readonly [K in keyof Standpoint]: Check<Standpoint[K]> };

const isText: Check<string> = (value) => typeof value === 'string';
const isNumber: Check<number> = (value): value is number =>
  typeof value === 'number' && Number.isFinite(value);

function oneOf<T extends string>(...names: readonly T[]): Check<T> {
  return (value): value is T => names.some((name) => name === value);
}

function listOf<T>(isItem: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(isItem);
}

const CHECKS: Checks = {
  file: isText,
  cursorNs: isNumber,
  selection: isSelection,
  openRequest: isText,
  graphKind: oneOf(...GRAPH_KINDS),
  edgeLabels: listOf(oneOf(...EDGE_LABELS)),
  find: isText,
  lanes: listOf((value): value is string => isText(value) && LANES.has(value)),
  eventKind: oneOf(...EVENT_KINDS),
  speed: isNumber,
  phoneTab: oneOf(...PHONE_TABS),
  maximised: oneOf('', 'graph', 'requests'),
  zoom: isStretch,
  isLinear: (value) => typeof value === 'boolean',
  pool: isText,
  thresholds: areThresholds,
};

/** It may come from anybody: only what has the right form is taken. */
export function checkedStandpoint(value: unknown): Partial<Standpoint> {
  if (!isRecord(value)) return {};
  const sound = Object.entries(CHECKS).filter(([key, holds]) => holds(value[key]));
  return Object.fromEntries(sound.map(([key]) => [key, value[key]])) as Partial<Standpoint>; // Checked.
}

function isStretch(value: unknown): value is Stretch {
  if (!isRecord(value)) return false;
  const { fromNs, toNs } = value;
  return isNumber(fromNs) && isNumber(toNs) && fromNs >= 0 && toNs > fromNs;
}

function areThresholds(value: unknown): value is HealthThresholds {
  return isRecord(value) && Object.keys(KIALI_THRESHOLDS).every((key) => isPercent(value[key]));
}

function isPercent(value: unknown): boolean {
  return isNumber(value) && value >= 0 && value <= 100;
}

/** Puts the charts and the graph's measure where somebody had them. */
export function takeStandpoint(at: Partial<Standpoint>): Partial<PageState> {
  const { zoom, pool = '', thresholds: limits, ...others } = at;
  const { isLinear = charts.state.isLinear, ...ofPage } = others;
  charts.set({ zoom: ofPage.selection?.range === undefined ? undefined : zoom, isLinear, pool });
  if (limits !== undefined) {
    const { degraded5xx, failing5xx, degraded4xx, failing4xx } = limits;
    thresholds.set({ degraded5xx, failing5xx, degraded4xx, failing4xx });
  }
  return ofPage;
}

function isSelection(value: unknown): value is Selection {
  if (!isRecord(value)) return false;
  return Object.entries(value).every(([key, part]) => {
    switch (key) {
      case 'from':
      case 'to':
      case 'client':
      case 'version':
      case 'flags':
      case 'endpoint':
        return isText(part);
      case 'code':
        return isNumber(part);
      case 'range':
        return listOf(isNumber)(part) && part.length === 2;
      default:
        return false;
    }
  });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
