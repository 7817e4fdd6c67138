import { useMemo, useState } from 'preact/hooks';
import type { RunView } from '#report/run-view.ts';
import { goToPlace } from '../state/engine.ts';
import {
  bucketsOf,
  countIn,
  edgeFlows,
  grouped,
  isFailure,
  isSelected,
  sumIn,
} from '../state/flow-sums.ts';
import { msText, outcomeText, percentText, shortNumber } from '../state/formats.ts';
import { page } from '../state/page-state.ts';
import { select } from '../state/selecting.ts';
import { useStore } from '../state/store.ts';
import { Columns } from './columns.tsx';

/** The flows of the selected edge or node in the window. */
function useSelected(view: RunView) {
  const selection = useStore(page, (state) => state.selection);
  const cursorNs = useStore(page, (state) => state.cursorNs);
  const windowNs = useStore(page, (state) => state.windowNs);
  const [fromNs, toNs] = selection.range ?? [cursorNs - windowNs, cursorNs];
  const buckets = bucketsOf(view, fromNs, toNs);
  const { from, to } = selection;
  const flows = useMemo(
    () =>
      edgeFlows(view).filter((flow) =>
        isSelected(view, flow, {
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        }),
      ),
    [view, from, to],
  );
  const seconds = ((buckets.to - buckets.from) * view.bucketNs) / 1e9;
  const nameOf = (id: string | undefined) => view.nodes.find((node) => node.id === id)?.name;
  const title = [nameOf(from), nameOf(to)].filter((name) => name !== undefined).join(' → ');
  const latency = view.latencies.find(({ kind, of, service }) =>
    to === undefined
      ? false
      : (kind === 'workload' && of === to) || (kind === 'edge' && of === from && service === to),
  );
  return { selection, flows, buckets, seconds, title, latency };
}

/** The selection in one line. */
export function SelectionLine() {
  const view = useStore(page, (state) => state.view);
  return view === undefined ? null : <LineOf view={view} />;
}

function LineOf({ view }: { readonly view: RunView }) {
  const { selection, flows, buckets, seconds, title, latency } = useSelected(view);
  if (selection.from === undefined && selection.to === undefined)
    return (
      <div class="selbar">
        <span class="muted">Select an edge or a node: everything else follows.</span>
      </div>
    );
  const count = sumIn(flows, buckets);
  // Of TCP connections are counted, whatever is in them.
  const isTcp = flows.length > 0 && flows.every(({ edge }) => view.edges[edge]?.protocol === 'tcp');
  const failed = sumIn(flows.filter(isFailure), buckets);
  const flags = [
    ...grouped(
      flows.filter(({ flags }) => flags !== '-'),
      ({ flags }) => flags,
    ),
  ];
  return (
    <div class="selbar">
      <span class="t">{title}</span>
      <span>
        {shortNumber(count / seconds)}
        {isTcp ? ' conn/s' : 'rps'}
      </span>
      <span>
        <b class={failed > 0 ? 'bad' : 'good'}>
          {count === 0 ? '–' : percentText(1 - failed / count)}
        </b>{' '}
        success
      </span>
      {latency !== undefined && <span>p99 {msText(latency.whole.p99)} in all</span>}
      {flags.length > 0 && (
        <span>
          {flags.map(([name, ofFlag]) => `${name} ${sumIn(ofFlag, buckets)}`).join(' · ')}
        </span>
      )}
    </div>
  );
}

/** The selection in full, over the requests: codes and flags, hosts, the configuration that applies. */
export function SelectionPanel({ view }: { readonly view: RunView }) {
  const [isOpen, setOpen] = useState(false);
  const { selection, flows, buckets, seconds, title } = useSelected(view);
  if (selection.from === undefined && selection.to === undefined) return null;
  const outcomes = [...grouped(flows, ({ code, flags }) => outcomeText(code, flags))]
    .map(([outcome, group]) => ({
      outcome,
      flow: group[0]!,
      count: group.reduce((sum, flow) => sum + countIn(flow, buckets), 0),
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const node = view.nodes.find(({ id }) => id === selection.to);
  const badges = view.nodes
    .filter(
      ({ id }) =>
        id === selection.to || flows.some((flow) => view.edges[flow.edge]?.service === id),
    )
    .flatMap(({ badges }) => badges);
  const isOut = (ip: string) =>
    view.ejections.some(({ host, toNs }) => host.startsWith(`${ip}:`) && toNs === undefined);
  return (
    <div class="selpanel">
      <button type="button" class="plain" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? '▾' : '▸'} {title}: codes, hosts, configuration
      </button>
      {isOpen && (
        <div class="seldetails">
          <table>
            <Columns names={[['Code, flags'], ['rps', 'r'], ['Count', 'r']]} />
            <tbody>
              {outcomes.map(({ outcome, flow, count }) => (
                <tr key={outcome}>
                  <td>
                    <button
                      type="button"
                      class="link"
                      onClick={() => select({ code: flow.code, flags: flow.flags })}
                    >
                      {outcome}
                    </button>
                  </td>
                  <td class="r">{shortNumber(count / seconds)}</td>
                  <td class="r">{count}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <ul>
            {(node?.pods ?? []).slice(0, 8).map(({ name, ip }) => (
              <li key={name}>
                {name} <span class="muted mono">{ip}</span>{' '}
                {isOut(ip) ? '· still ejected at the end' : ''}
              </li>
            ))}
            {badges.map(({ says, at }) => (
              <li key={says}>
                {says}{' '}
                {at !== undefined && (
                  <button type="button" class="link" onClick={() => goToPlace(at)}>
                    {at.file.split('/').at(-1)}:{at.line}
                  </button>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
