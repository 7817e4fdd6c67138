import { charts } from '../charts/chart-state.ts';
import type { Project } from '../engine/protocol.ts';
import { thresholds } from '../graph/thresholds.ts';
import { checkedOpening } from '../share/opening-check.ts';
import type { Opening } from './opening.ts';
import { type PageState, page } from './page-state.ts';
import { isRecord, standpointOf } from './standpoint.ts';

/** What was open and edited at an address, so that it is still there after a reload. */
export interface Draft {
  readonly project: Project;
  readonly opening: Opening;
}

const KEY = 'meshsim-draft';
const DELAY_MS = 300;

/** Of this address, if there is one. */
export function draftHere(): Draft | undefined {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (!isRecord(found) || found['address'] !== addressNow()) return undefined;
    return checkedOpening(found);
  } catch {
    return undefined; // Storage may be forbidden, and what is in it may be of another version.
  }
}

/** Writes down what is open whenever it has changed and nothing more happens for a moment. */
export function keepDraft(): void {
  let kept: readonly unknown[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    clearTimeout(timer);
    const { ranProject, isEmbedded } = page.state;
    if (ranProject === undefined || isEmbedded || isReport()) return;
    try {
      localStorage.setItem(KEY, JSON.stringify(draftOf(page.state)));
    } catch {
      // Storage may be full or forbidden: then a reload begins anew.
    }
  };
  const look = () => {
    const { project, seed, former } = page.state;
    const parts = [project, seed, former, ...Object.values(standpointOf(page.state))];
    if (parts.every((part, index) => part === kept[index])) return;
    kept = parts;
    clearTimeout(timer);
    timer = setTimeout(write, DELAY_MS);
  };
  page.subscribe(look);
  charts.subscribe(look);
  thresholds.subscribe(look);
  addEventListener('pagehide', write);
}

function draftOf(state: PageState) {
  const { project, opened, example, isLocal, seed, parameters, former } = state;
  return {
    address: addressNow(),
    project,
    ...(opened === project ? {} : { opened }),
    ...(former === undefined ? {} : { former: former.project }),
    example,
    isLocal,
    seed,
    parameters,
    at: standpointOf(state),
  };
}

/** A report is its own draft. */
function isReport(): boolean {
  return location.protocol === 'file:';
}

function addressNow(): string {
  return location.pathname + location.search + location.hash;
}
