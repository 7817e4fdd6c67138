import { useMemo, useState } from 'preact/hooks';
import type { ViewReason, ViewRequest } from '#report/run-view.ts';
import { useSize } from '../charts/use-size.ts';
import { requestKey } from '../engine/protocol.ts';
import { goToPlace } from '../state/engine.ts';
import { clusterText, msText, outcomeText } from '../state/formats.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import {
  segmentSums,
  type WaterfallRow,
  type WaterfallSegment,
  waterfallRows,
} from './waterfall-rows.ts';

const ROW = 20;
const HEAD = 18;
const LETTER = 6.1;
const MOST_ROWS = 40;
const FILLS: Readonly<Record<WaterfallSegment['kind'], string>> = {
  pending: 'url(#hatchw)',
  connect: 'var(--s7)',
  network: 'var(--s8)',
  queue: 'var(--s6)',
  service: 'var(--s5)',
};
const NAMES: Readonly<Record<WaterfallSegment['kind'], string>> = {
  pending: 'pool wait',
  connect: 'connect',
  network: 'network',
  queue: 'queue',
  service: 'service',
};

/** One request from its intended send: who held it, how long, and why it ended so. */
export function Waterfall({ request }: { readonly request: ViewRequest }) {
  const spans = useStore(page, (state) => state.spans.get(requestKey(request)));
  const isTraced = useStore(page, (state) => state.spans.size > 0);
  const rows = useMemo(() => waterfallRows(request, spans ?? []), [request, spans]);
  const shown = rows.slice(0, MOST_ROWS);
  const [chosen, setChosen] = useState(-1);
  const told = rows[chosen] ?? tellingRow(rows);
  const { ref, width } = useSize<HTMLDivElement>();
  return (
    <div class="wfbox" ref={ref}>
      {width > 0 && (
        <Drawing
          request={request}
          rows={shown}
          width={width}
          told={told}
          onChoose={(row) => setChosen(rows.indexOf(row))}
        />
      )}
      {rows.length > MOST_ROWS && (
        <p class="wfnote">and {rows.length - MOST_ROWS} more calls behind them</p>
      )}
      {spans === undefined && (
        <p class="wfnote">
          {isTraced ? 'No piece of it was traced.' : 'The run is traced again to see inside…'}
        </p>
      )}
      {spans !== undefined && <Legend rows={shown} />}
      <Why request={request} told={told} />
    </div>
  );
}

/** The row that says most: the last that failed, else the one that kept the request longest. */
function tellingRow(rows: readonly WaterfallRow[]): WaterfallRow | undefined {
  const speaking = rows.filter(({ reasons }) => reasons.length > 0);
  return speaking.find(({ isBad, kind }) => isBad && kind !== 'stream') ?? speaking[0];
}

function Drawing({
  request,
  rows,
  width,
  told,
  onChoose,
}: {
  readonly request: ViewRequest;
  readonly rows: readonly WaterfallRow[];
  readonly width: number;
  readonly told: WaterfallRow | undefined;
  readonly onChoose: (row: WaterfallRow) => void;
}) {
  const { intendedNs } = request;
  const endNs = Math.max(
    request.endNs,
    ...rows.map((row) => Math.min(row.endNs, 4 * request.endNs)),
  );
  const totalNs = Math.max(1, endNs - intendedNs);
  const left = width < 480 ? 124 : Math.min(260, Math.max(190, width * 0.34));
  const tail = 96;
  const x = (ns: number) =>
    left + ((ns - intendedNs) / totalNs) * Math.max(40, width - left - tail);
  const height = HEAD + ROW * rows.length + 4;
  return (
    <svg
      class="wfsvg"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="group"
      aria-label={summaryOf(request)}
    >
      <Grid
        totalNs={totalNs}
        x={x}
        startNs={intendedNs}
        height={height}
        right={width - tail + 14}
      />
      {rows.map((row, index) => (
        <Row
          key={index}
          row={row}
          y={HEAD + index * ROW}
          x={x}
          left={left}
          right={width - 6}
          isTold={row === told}
          onChoose={onChoose}
        />
      ))}
    </svg>
  );
}

function Grid({
  totalNs,
  x,
  startNs,
  height,
  right,
}: {
  readonly totalNs: number;
  readonly x: (ns: number) => number;
  readonly startNs: number;
  readonly height: number;
  readonly right: number;
}) {
  const rough = totalNs / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const stepNs =
    [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? rough;
  const ticks = Array.from(
    { length: Math.floor(totalNs / stepNs) + 1 },
    (_, index) => index * stepNs,
  );
  return (
    <>
      {ticks.map((ns) => {
        const at = x(startNs + ns);
        const anchor = ns === 0 ? 'start' : at > right - 22 ? 'end' : 'middle';
        return (
          <g key={ns}>
            <path class="g" d={`M${at} 14V${height - 4}`} />
            <text x={anchor === 'end' ? right : at} y={10} text-anchor={anchor}>
              {msText(ns / 1e6)}
            </text>
          </g>
        );
      })}
    </>
  );
}

interface RowProps {
  readonly row: WaterfallRow;
  readonly y: number;
  readonly x: (ns: number) => number;
  readonly left: number;
  readonly right: number;
  readonly isTold: boolean;
  readonly onChoose: (row: WaterfallRow) => void;
}

function Row({ row, y, x, left, right, isTold, onChoose }: RowProps) {
  const { depth, name, note, startNs, endNs, reasons } = row;
  const indent = 14 + Math.min(depth, 8) * 10;
  const letters = Math.floor((left - indent - 8) / LETTER);
  const whole = note === '' || note.length + name.length + 1 > letters ? name : `${name} ${note}`;
  const text = whole.length > letters ? `${whole.slice(0, letters - 1)}…` : whole;
  const start = x(startNs);
  const end = Math.max(start + 1.5, x(endNs));
  const choose = () => onChoose(row);
  return (
    <g
      class={isTold ? 'wfrow told' : 'wfrow'}
      role="button"
      tabindex={0}
      aria-pressed={isTold}
      onClick={choose}
      onPointerEnter={reasons.length > 0 ? choose : undefined}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        choose();
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <rect class="wfhit" x={3} y={y} width={right + 3} height={ROW} rx={3} />
      <text class={depth === 0 ? 'in strong' : 'in'} x={indent} y={y + 14}>
        {note !== '' && text.endsWith(note) ? (
          <>
            {name} <tspan class="mono">{note}</tspan>
          </>
        ) : (
          text
        )}
        <title>{`${name} ${note}`}</title>
      </text>
      <Bar row={row} y={y} x={x} start={start} end={end} />
      <text class={row.isBad ? 'said bad' : 'said'} x={end + 5} y={y + 14}>
        {sayingOf(row)}
      </text>
    </g>
  );
}

/** The whole of it as a line, with what it was busy with on top. */
function Bar({
  row,
  y,
  x,
  start,
  end,
}: {
  readonly row: WaterfallRow;
  readonly y: number;
  readonly x: (ns: number) => number;
  readonly start: number;
  readonly end: number;
}) {
  const { kind, segments, isBad, startNs, endNs } = row;
  if (kind === 'backoff' || kind === 'fault-delay') {
    const fill = kind === 'backoff' ? 'url(#hatch)' : 'url(#hatchw)';
    return <rect x={start} y={y + 5} width={end - start} height={10} rx={1.5} style={{ fill }} />;
  }
  const isBare = segments.length === 0;
  return (
    <>
      <rect
        x={start}
        y={y + (isBare ? 7 : 9)}
        width={end - start}
        height={isBare ? 6 : 2}
        rx={1}
        style={{ fill: isBad ? 'var(--failing)' : 'var(--s8)', fillOpacity: isBad ? 1 : 0.55 }}
      />
      {segments.map((segment) => {
        const from = x(Math.max(startNs, segment.startNs));
        const to = Math.max(from + 1, x(Math.min(endNs, segment.endNs)));
        const isLost = segment.endNs > endNs && segment.kind === 'service';
        return (
          <rect
            key={`${segment.kind} ${segment.startNs}`}
            x={from}
            y={y + 5}
            width={to - from}
            height={10}
            rx={1.5}
            style={{
              fill: isBad && segment.kind === 'service' ? 'var(--failing)' : FILLS[segment.kind],
              fillOpacity: isLost ? 0.55 : 1,
            }}
          >
            <title>{`${NAMES[segment.kind]} ${msText((segment.endNs - segment.startNs) / 1e6)}${segment.detail === '' ? '' : ` → ${segment.detail}`}`}</title>
          </rect>
        );
      })}
    </>
  );
}

/** How long, and how it ended. */
function sayingOf({ startNs, endNs, outcome }: WaterfallRow): string {
  const took = msText((endNs - startNs) / 1e6);
  return outcome === '' ? took : `${took} → ${outcome}`;
}

/** What the colours mean, with what they come to over all rows. */
function Legend({ rows }: { readonly rows: readonly WaterfallRow[] }) {
  const sums = segmentSums(rows.flatMap(({ segments }) => segments));
  const backOffNs = rows
    .filter(({ kind }) => kind === 'backoff')
    .reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);
  return (
    <div class="wflegend">
      {sums.map(([kind, ns]) => (
        <span key={kind}>
          <svg width="12" height="9" aria-hidden="true">
            <rect width="12" height="9" rx="1.5" style={{ fill: FILLS[kind] }} />
          </svg>
          {NAMES[kind]} {msText(ns / 1e6)}
        </span>
      ))}
      {backOffNs > 0 && (
        <span>
          <svg width="12" height="9" aria-hidden="true">
            <rect width="12" height="9" rx="1.5" style={{ fill: 'url(#hatch)' }} />
          </svg>
          back-off {msText(backOffNs / 1e6)}
        </span>
      )}
    </div>
  );
}

/** Why the chosen row went so, decision by decision; then why the request failed. */
function Why({
  request,
  told,
}: {
  readonly request: ViewRequest;
  readonly told: WaterfallRow | undefined;
}) {
  const view = useStore(page, (state) => state.view);
  const { code, flags, cluster } = request;
  const cause = view?.causes.find(
    (one) =>
      one.code === code &&
      one.flags === flags &&
      (one.destination === '' || clusterText(cluster).startsWith(one.destination.split('|')[0]!)),
  );
  return (
    <div class="wfnote" aria-live="polite">
      {told !== undefined && told.reasons.length > 0 && (
        <p>
          <b>
            {told.name} {told.note}
          </b>{' '}
          {told.reasons.map((reason, index) => (
            <Reason key={index} reason={reason} isFirst={index === 0} />
          ))}
        </p>
      )}
      {cause !== undefined && (
        <p>
          <b>Why {outcomeText(code, flags)}:</b> {cause.reason} <PlaceLink at={cause.at} />
        </p>
      )}
    </div>
  );
}

function Reason({ reason, isFirst }: { readonly reason: ViewReason; readonly isFirst: boolean }) {
  return (
    <span>
      {isFirst ? '' : ' · '}
      {reason.text} <PlaceLink at={reason.at} title={reason.object} />
    </span>
  );
}

function PlaceLink({ at, title }: { readonly at: ViewReason['at']; readonly title?: string }) {
  if (at === undefined) return null;
  return (
    <button type="button" class="link" title={title ?? ''} onClick={() => goToPlace(at)}>
      {at.file.split('/').at(-1)}:{at.line}
    </button>
  );
}

function summaryOf({ client, code, flags, attempts, intendedNs, endNs }: ViewRequest): string {
  return `Request of ${client}: ${outcomeText(code, flags)} after ${msText((endNs - intendedNs) / 1e6)}, ${attempts} attempts`;
}
