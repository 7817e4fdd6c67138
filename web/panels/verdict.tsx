import type { RunView, ViewCause } from '#report/run-view.ts';
import type { ViewComparison } from '#report/run-view-comparison.ts';
import { backToA, keepB } from '../state/comparing.ts';
import { comparisonOf } from '../state/comparison.ts';
import { cancel, goToPlace } from '../state/engine.ts';
import { msText } from '../state/formats.ts';
import { type PageState, page } from '../state/page-state.ts';
import { paired } from '../state/paired.ts';
import { remedyOf } from '../state/remedy.ts';
import { useParts, useStore } from '../state/store.ts';
import { verdictOf } from '../state/verdict.ts';
import { Expectations } from './expectations.tsx';
import { Icon, type IconName } from './icon.tsx';

const SHOWN_PARTS = [
  'status',
  'message',
  'findings',
  'view',
  'pace',
  'project',
  'ranProject',
  'former',
  'isComparing',
  'announcement',
] as const;

/** The headline: what happened, why, and which line. */
export function VerdictPanel() {
  const state = useParts(page, SHOWN_PARTS);
  const isComparing =
    state.isComparing &&
    state.former !== undefined &&
    state.view?.isOver === true &&
    state.status === 'finished';
  return (
    <section class="verdict" aria-label="Verdict">
      {isComparing ? <ComparedSay state={state} /> : <Say state={state} />}
      <Expectations />
      <p class="sr" role="status" aria-live="polite">
        {state.announcement}
      </p>
    </section>
  );
}

const MARKS: Readonly<Record<string, { readonly icon: IconName; readonly style: string }>> = {
  failed: { icon: 'x', style: 'mark' },
  held: { icon: 'ok', style: 'mark ok' },
  running: { icon: 'play', style: 'mark run' },
  none: { icon: 'play', style: 'mark run' },
};

function Say({ state }: { readonly state: PageState }) {
  const verdict = verdictOf(state);
  const { view, pace, status } = state;
  const mark = MARKS[verdict.mark]!;
  const isRunning = status === 'running';
  return (
    <div class="say">
      <span class={mark.style} aria-hidden="true">
        <Icon name={mark.icon} />
      </span>
      <h1>
        {verdict.strong} <span>{verdict.rest}</span>
      </h1>
      <div class="rest">
        {isRunning && view !== undefined && !view.isOver ? (
          <>
            <span class="pbar">
              <i style={{ width: `${(100 * view.frontNs) / view.durationNs}%` }} />
            </span>
            <span>
              {(view.frontNs / 1e9).toFixed(0)} of {(view.durationNs / 1e9).toFixed(0)} s
              {pace === undefined ? '' : `, ${rateOf(pace)} events/s`}
            </span>
            <button type="button" class="btn line sm" onClick={cancel}>
              Cancel
            </button>
          </>
        ) : (
          <>
            {verdict.cause !== undefined && <Blame cause={verdict.cause} />}
            {verdict.cause !== undefined && <Behind cause={verdict.cause} />}
            <Remedy cause={verdict.cause} />
            {status === 'invalid' && <FirstFinding />}
            {verdict.cause === undefined && view !== undefined && <Unmet view={view} />}
            {verdict.cause === undefined && view !== undefined && view.notes.length > 0 && (
              <span class="note">{view.notes[0]}</span>
            )}
          </>
        )}
      </div>
      {verdict.others.length > 0 && <Others causes={verdict.others} />}
    </div>
  );
}

function rateOf({
  eventCount,
  tookMs,
}: {
  readonly eventCount: number;
  readonly tookMs: number;
}): string {
  const perSecond = (eventCount / Math.max(1, tookMs)) * 1000;
  return perSecond >= 1e6
    ? `${(perSecond / 1e6).toFixed(1)} M`
    : `${Math.round(perSecond / 1e3)} k`;
}

function Blame({ cause }: { readonly cause: ViewCause }) {
  const { at, setting } = cause;
  if (at === undefined) return null;
  return (
    <button type="button" class="why" onClick={() => goToPlace(at)}>
      {shortFile(at.file)}:{at.line} <em>{setting}</em>
    </button>
  );
}

const SHOWN_LINKS = 2;

const SHOWN_RULES = 3;

/** What nothing in the run met: a good outcome says nothing of it. */
function Unmet({ view }: { readonly view: RunView }) {
  const rules = view.unexercised;
  if (rules.length === 0) return null;
  return (
    <span class="note">
      Not exercised:{' '}
      {rules.slice(0, SHOWN_RULES).map(({ kind, name, at }) => (
        <span key={`${kind} ${name} ${at?.line}`}>
          {kind === 'route' ? `route "${name}"` : `${kind} of ${name}`}{' '}
          {at !== undefined && (
            <button type="button" class="link" onClick={() => goToPlace(at)}>
              {shortFile(at.file)}:{at.line}
            </button>
          )}{' '}
        </span>
      ))}
      {rules.length > SHOWN_RULES && `and ${rules.length - SHOWN_RULES} more`}
    </span>
  );
}

/** What the scenario did to bring it about. */
function Behind({ cause }: { readonly cause: ViewCause }) {
  return (
    <>
      {cause.behind.slice(0, SHOWN_LINKS).map(({ text, at, sinceNs }) => (
        <span key={`${text} ${at?.line}`} class="nw">
          because of <b>{text}</b>
          {sinceNs === undefined ? '' : ` at ${(sinceNs / 1e9).toFixed(1)} s`}{' '}
          {at !== undefined && (
            <button type="button" class="link" onClick={() => goToPlace(at)}>
              {shortFile(at.file)}:{at.line}
            </button>
          )}
        </span>
      ))}
    </>
  );
}

function Remedy({ cause }: { readonly cause: ViewCause | undefined }) {
  const project = useStore(page, (state) => state.project);
  const remedy = remedyOf(cause, project);
  if (remedy === undefined) return null;
  return (
    <button type="button" class="btn line sm" id="btry" onClick={remedy.apply}>
      {remedy.name}
    </button>
  );
}

function FirstFinding() {
  const findings = useStore(page, (state) => state.findings);
  const first = findings.find(({ severity, at }) => severity === 'error' && at !== undefined);
  if (first?.at === undefined) return null;
  return (
    <button type="button" class="why" onClick={() => goToPlace(first.at)}>
      {shortFile(first.at.file)}:{first.at.line} <em>{first.hint || first.code}</em>
    </button>
  );
}

const SHOWN_CAUSES = 2;

function Others({ causes }: { readonly causes: readonly ViewCause[] }) {
  const shown = causes.slice(0, SHOWN_CAUSES);
  const sum = causes.reduce((total, { count }) => total + count, 0);
  return (
    <div class="rest more">
      <span class="opt nw">And {sum} more:</span>
      {shown.map((cause) => (
        <span
          class="nw"
          key={`${cause.outcome} ${cause.from} ${cause.destination} ${cause.at?.line}`}
        >
          <b>
            {cause.count} × {cause.outcome}
          </b>{' '}
          {cause.reason}{' '}
          {cause.at !== undefined && (
            <button type="button" class="link" onClick={() => goToPlace(cause.at)}>
              {shortFile(cause.at.file)}:{cause.at.line}
            </button>
          )}
        </span>
      ))}
      {causes.length > SHOWN_CAUSES && (
        <span class="nw">
          and {causes.length - SHOWN_CAUSES}{' '}
          {causes.length - SHOWN_CAUSES === 1 ? 'other' : 'others'}
        </span>
      )}
    </div>
  );
}

function ComparedSay({ state }: { readonly state: PageState }) {
  const comparison = useStore(paired, (one) => one.comparison);
  const { failedA, failedB, lost, changes } = comparisonOf(state);
  const isBetter = failedB <= failedA && lost.length === 0;
  return (
    <div class="say">
      <span class={isBetter ? 'mark ok' : 'mark'} aria-hidden="true">
        <Icon name={isBetter ? 'ok' : 'x'} />
      </span>
      <h1>
        B fails {failedB} requests, A failed {failedA}{' '}
        <span>{comparison === undefined ? '' : `— ${inWords(comparison)}`}</span>
        {lost.length > 0 && <span>; no longer holds: {lost.join(', ')}</span>}
      </h1>
      <div class="rest">
        <span class="ab">
          <Line /> <b>A</b>
        </span>
        <span class="ab">
          <Line isDashed /> <b>B</b>
        </span>
        {changes.slice(0, 3).map(({ at, before, after }) => (
          <button
            type="button"
            class="why"
            key={`${at.file} ${at.line}`}
            onClick={() => goToPlace(at)}
          >
            {shortFile(at.file)}:{at.line}{' '}
            <em>
              {before} → {after}
            </em>
          </button>
        ))}
      </div>
      <div class="rest more">
        <button type="button" class="btn line sm" onClick={keepB}>
          Keep B
        </button>
        <button type="button" class="btn sm" onClick={backToA}>
          Back to A
        </button>
        <span class="opt">
          Same arrivals and service times in both runs
          {comparison === undefined ? '' : `; ${differencesInWords(comparison)}`}
        </span>
      </div>
    </div>
  );
}

/** What became of single requests. */
function inWords({ mendedCount, brokenCount, changes }: ViewComparison): string {
  if (changes.length === 0) return 'no request ended otherwise';
  return `${mendedCount} mended, ${brokenCount} newly broken`;
}

/** The differences that are surely there, worst first: `p90 of shop 91ms → 101ms`. */
function differencesInWords({ metrics }: ViewComparison): string {
  const sure = metrics.filter(({ verdict }) => verdict === 'worse' || verdict === 'better');
  const slower = sure.filter(({ dimension }) => dimension === 'duration');
  const [first] = [...slower].sort(
    (a, b) => Number(b.verdict === 'worse') - Number(a.verdict === 'worse'),
  );
  if (first === undefined)
    return sure.length === 0 ? 'no difference is sure' : 'latency stays what it was';
  return `${first.metric} of ${first.client} ${msText(first.a / 1e6)} → ${msText(first.b / 1e6)}`;
}

function Line({ isDashed }: { readonly isDashed?: boolean }) {
  return (
    <svg width="26" height="8" aria-hidden="true">
      <path
        d="M0 4h26"
        stroke="var(--text)"
        stroke-width="2"
        stroke-dasharray={isDashed === true ? '5 3' : ''}
      />
    </svg>
  );
}

export function shortFile(path: string): string {
  return path.split('/').at(-1) ?? path;
}
