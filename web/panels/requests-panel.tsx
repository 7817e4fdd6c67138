import { useMemo, useRef, useState } from 'preact/hooks';
import type { RunView, ViewRequest } from '#report/run-view.ts';
import { requestKey } from '../engine/protocol.ts';
import { downloadCsv } from '../share/download.ts';
import { requestRows } from '../share/request-rows.ts';
import { isFailure, versionOf } from '../state/flow-sums.ts';
import { clusterText, msText, outcomeText, secondsText } from '../state/formats.ts';
import { page, type Selection } from '../state/page-state.ts';
import { deselect } from '../state/selecting.ts';
import { useStore } from '../state/store.ts';
import { areInTurn, useEffectInTurn } from '../state/turns.tsx';
import { Columns } from './columns.tsx';
import { ComparisonPanel } from './comparison-panel.tsx';
import { Icon } from './icon.tsx';
import { MaximiseButton } from './maximise-button.tsx';
import { SelectionPanel } from './selection-panel.tsx';
import { Waterfall } from './waterfall.tsx';

/** The sampled requests of what is selected; each opens as a waterfall. */
export function RequestsPanel() {
  const view = useStore(page, (state) => state.view);
  const tab = useStore(page, (state) => state.phoneTab);
  const isComparing = useStore(
    page,
    (state) => state.isComparing && state.former !== undefined && state.view?.isOver === true,
  );
  return (
    <section class={`panel ${tab === 'requests' ? 'on' : ''}`} id="p-req" aria-label="Requests">
      {view === undefined ? (
        <p class="empty">Run to see requests.</p>
      ) : isComparing ? (
        <ComparisonPanel />
      ) : (
        <Requests view={view} />
      )}
    </section>
  );
}

const SHOWN_ROWS = 50;
/** While rows come and go with every view; also as many as are laid out in one task. */
const SHOWN_WHILE_RUNNING = 25;

/** How much of a long list is drawn: all that is wanted, or some more with each turn. */
function useGrowing(wanted: number): number {
  const [drawn, setDrawn] = useState(SHOWN_WHILE_RUNNING);
  useEffectInTurn(() => {
    if (areInTurn() && drawn < wanted) setDrawn(drawn + SHOWN_WHILE_RUNNING);
  }, [drawn, wanted]);
  return areInTurn() ? Math.min(drawn, wanted) : wanted;
}

function Requests({ view }: { readonly view: RunView }) {
  const selection = useStore(page, (state) => state.selection);
  const open = useStore(page, (state) => state.openRequest);
  const rows = useMemo(() => requestsOf(view, selection), [view, selection]);
  const failed = rows.filter(isFailure).length;
  const slowest = Math.max(1, ...rows.map(({ intendedNs, endNs }) => endNs - intendedNs));
  const [shown, setShown] = useState(SHOWN_ROWS);
  const openAt = rows.findIndex((request) => requestKey(request) === open);
  const drawn = useGrowing(Math.max(view.isOver ? shown : SHOWN_WHILE_RUNNING, openAt + 1));
  const isOpenDrawn = openAt >= 0 && openAt < drawn;
  const body = useRef<HTMLElement>(null);
  useEffectInTurn(() => {
    const row = body.current?.querySelector<HTMLElement>('tr.open');
    if (row !== null && row !== undefined && body.current !== null)
      body.current.scrollTop = row.offsetTop - 60;
  }, [view.isOver, rows, isOpenDrawn]);
  return (
    <>
      <div class="ph">
        <h2>Requests</h2>
        <Chips view={view} selection={selection} />
        <span class="grow" />
        <span class="muted nw">
          <b class={failed > 0 ? 'bad' : ''}>{failed} failed</b> of {rows.length} sampled
        </span>
        <button
          type="button"
          class="btn icon"
          aria-label="Requests as CSV"
          onClick={() => downloadCsv('requests', requestRows(rows))}
        >
          <Icon name="share" />
        </button>
        <MaximiseButton panel="requests" />
      </div>
      <SelectionPanel view={view} />
      <section
        class="tbl"
        ref={body}
        tabIndex={0}
        aria-label="Table of requests"
        onKeyDown={onArrows}
      >
        <table>
          <Columns
            names={[
              ['Time, s'],
              ['Client', 'hp'],
              ['Route', 'hp hidelap'],
              ['Destination'],
              ['Code, flag'],
              ['Attempts', 'r'],
              ['Latency', 'r'],
            ]}
          />
          <tbody>
            {rows.slice(0, drawn).map((request) => (
              <RequestRow
                key={requestKey(request)}
                request={request}
                slowest={slowest}
                isOpen={requestKey(request) === open}
              />
            ))}
          </tbody>
        </table>
        {view.isOver && rows.length > shown && (
          <button type="button" class="btn more" onClick={() => setShown(shown + SHOWN_ROWS)}>
            Show more of {rows.length}
          </button>
        )}
        {rows.length === 0 && <p class="empty">No sampled request is selected.</p>}
      </section>
    </>
  );
}

function onArrows(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const rows = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('tr.row')]; // It is on a section.
  const index = rows.findIndex((row) => row.matches(':focus'));
  const next =
    rows[Math.max(0, Math.min(rows.length - 1, index + (event.key === 'ArrowDown' ? 1 : -1)))];
  next?.focus();
  event.preventDefault();
  event.stopPropagation();
}

/** The requests that the selection leaves. */
export function requestsOf(view: RunView, selection: Selection): readonly ViewRequest[] {
  const { range, version, flags, code, client, endpoint, to } = selection;
  const clusters = to === undefined ? undefined : clustersTo(view, to);
  return view.requests.filter((request) => {
    if (range !== undefined && (request.intendedNs < range[0] || request.intendedNs >= range[1]))
      return false;
    if (client !== undefined && request.client !== client) return false;
    if (flags !== undefined && request.flags !== flags) return false;
    if (code !== undefined && request.code !== code) return false;
    if (endpoint !== undefined && request.host !== endpoint) return false;
    const [, , subset = ''] = request.cluster.split('|');
    if (
      version !== undefined &&
      versionOf({ ...EMPTY_FLOW, subset, version: request.version }) !== version
    )
      return false;
    return clusters === undefined || clusters.size === 0 || clusters.has(request.cluster);
  });
}

const EMPTY_FLOW = {
  client: '',
  edge: -1,
  cluster: '',
  route: '',
  code: 0,
  flags: '-',
  attempts: 0,
  counts: new Float64Array(),
};

/** The clusters by which clients' requests reach a node; none if they never do so directly. */
function clustersTo(view: RunView, to: string): ReadonlySet<string> {
  const direct = view.flows.filter(({ client, edge }) => {
    const found = view.edges[edge];
    return client !== '' && found !== undefined && (found.to === to || found.service === to);
  });
  return new Set(direct.map(({ cluster }) => cluster));
}

function Chips({ view, selection }: { readonly view: RunView; readonly selection: Selection }) {
  const { from, to, version, flags, code, client, endpoint, range } = selection;
  const nameOf = (id: string | undefined) => view.nodes.find((node) => node.id === id)?.name;
  const chips: readonly (readonly [string | undefined, readonly (keyof Selection)[]])[] = [
    [
      [nameOf(from), nameOf(to)].filter((name) => name !== undefined).join(' → ') || undefined,
      ['from', 'to'],
    ],
    [client, ['client']],
    [version, ['version']],
    [flags === undefined ? undefined : outcomeText(code ?? 0, flags), ['code', 'flags']],
    [endpoint, ['endpoint']],
    [range && `${secondsText(range[0])}–${secondsText(range[1])}s`, ['range']],
  ];
  return (
    <span class="chips">
      {chips.map(([text, keys]) =>
        text === undefined ? null : (
          <button
            key={keys[0]}
            type="button"
            class="chip"
            aria-label={`Drop the filter ${text}`}
            onClick={() => deselect(keys)}
          >
            <span>{text}</span> <Icon name="x" />
          </button>
        ),
      )}
    </span>
  );
}

function RequestRow({
  request,
  slowest,
  isOpen,
}: {
  readonly request: ViewRequest;
  readonly slowest: number;
  readonly isOpen: boolean;
}) {
  const { client, intendedNs, endNs, route, cluster, host, code, flags, attempts } = request;
  const isBad = isFailure(request);
  const toggle = () =>
    page.set({
      openRequest: isOpen ? '' : requestKey(request),
      ...(isOpen
        ? {}
        : { cursorNs: Math.max(intendedNs, page.state.cursorNs === 0 ? 0 : intendedNs) }),
    });
  const durationNs = endNs - intendedNs;
  return (
    <>
      <tr
        class={isOpen ? 'row open' : 'row'}
        tabIndex={isOpen ? 0 : -1}
        onClick={toggle}
        onKeyDown={(event) => {
          if (event.key === 'Enter') toggle();
        }}
      >
        <td>{(intendedNs / 1e9).toFixed(3)}</td>
        <td class="hp cut">{client}</td>
        <td class="hp hidelap cut">{route === '' ? '–' : route}</td>
        <td class="cut">
          {clusterText(cluster)}{' '}
          <span class="muted mono hp">{host === '' ? '–' : host.replace(/:\d+$/, '')}</span>
        </td>
        <td>
          <span class={isBad ? 'cf bad' : 'cf ok'}>
            <i />
            {outcomeText(code, flags)}
          </span>
        </td>
        <td class="r">{attempts}</td>
        <td class="r nw">
          <span class="lb" style={{ width: `${Math.max(1, (56 * durationNs) / slowest)}px` }} />
          {msText(durationNs / 1e6)}
        </td>
      </tr>
      {isOpen && (
        <tr class="wf">
          <td colSpan={7}>
            <Waterfall request={request} />
          </td>
        </tr>
      )}
    </>
  );
}
