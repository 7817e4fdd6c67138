import type { RunView } from '#report/run-view.ts';
import { page } from '../state/page-state.ts';
import { deselect, select } from '../state/selecting.ts';
import { Store } from '../state/store.ts';
import type { Stretch } from './axis.ts';

/** How the charts are looked at: which stretch of time fills them, and where the pointer is. */
export interface ChartState {
  /** Undefined = the whole run. */
  readonly zoom: Stretch | undefined;
  /** The moment below the pointer; undefined = it is elsewhere. */
  readonly hoverNs: number | undefined;
  /** Latency on a linear axis. */
  readonly isLinear: boolean;
  /** The pool that was chosen, `proxy cluster`; '' = the one that matters. */
  readonly pool: string;
}

export const charts = new Store<ChartState>({
  zoom: undefined,
  hoverNs: undefined,
  isLinear: false,
  pool: '',
});

export function stretchOf(view: RunView, zoom: Stretch | undefined): Stretch {
  const { durationNs } = view;
  if (zoom === undefined || zoom.fromNs >= durationNs) return { fromNs: 0, toNs: durationNs };
  return zoom.toNs <= durationNs ? zoom : { fromNs: zoom.fromNs, toNs: durationNs };
}

/** Selects a stretch of time and fills the charts with it. */
export function zoomTo(fromNs: number, toNs: number): void {
  const { view } = page.state;
  if (view === undefined) return;
  const leastNs = 4 * view.bucketNs;
  const middleNs = (fromNs + toNs) / 2;
  const halfNs = Math.max(leastNs, toNs - fromNs) / 2;
  const start = Math.max(0, Math.min(view.durationNs - 2 * halfNs, middleNs - halfNs));
  const end = Math.min(view.durationNs, start + 2 * halfNs);
  if (start <= 0 && end >= view.durationNs) {
    zoomOut();
    return;
  }
  charts.set({ zoom: { fromNs: start, toNs: end } });
  select({ range: [start, end] });
}

export function zoomOut(): void {
  charts.set({ zoom: undefined });
  deselect(['range']);
}

/** Around the cursor, or to both sides of what is shown. */
export function zoomBy(factor: number): void {
  const { view, cursorNs } = page.state;
  if (view === undefined) return;
  const { fromNs, toNs } = stretchOf(view, charts.state.zoom);
  const wide = (toNs - fromNs) * factor;
  const middle = cursorNs >= fromNs && cursorNs <= toNs ? cursorNs : (fromNs + toNs) / 2;
  zoomTo(middle - wide / 2, middle + wide / 2);
}

/** The range was dropped elsewhere: by a chip, by Escape, by another run. */
page.subscribe(() => {
  if (charts.state.zoom !== undefined && page.state.selection.range === undefined)
    charts.set({ zoom: undefined });
});
