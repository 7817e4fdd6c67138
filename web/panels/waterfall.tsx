import type { ViewRequest, ViewSpan } from '#report/run-view.ts';
import { useSize } from '../charts/use-size.ts';
import { requestKey } from '../engine/protocol.ts';
import { goToPlace } from '../state/engine.ts';
import { clusterText, msText, outcomeText } from '../state/formats.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';

const ROW = 19;
const FILLS: Readonly<Record<string, string>> = {
  client: 'var(--s8)',
  proxy: 'var(--s8)',
  attempt: 'var(--s8)',
  backoff: 'url(#hatch)',
  pending: 'url(#hatchw)',
  connect: 'var(--s7)',
  network: 'var(--s8)',
  queue: 'var(--s6)',
  service: 'var(--s5)',
  'fault-delay': 'var(--failing)',
};

/** One request from its intended send: who held it, how long, and why it ended so. */
export function Waterfall({ request }: { readonly request: ViewRequest }) {
  const spans = useStore(page, (state) => state.spans.get(requestKey(request)));
  const isTraced = useStore(page, (state) => state.spans.size > 0);
  const { ref, width } = useSize<HTMLDivElement>();
  const sorted = [...(spans ?? [])].sort((a, b) => a.startNs - b.startNs || b.endNs - a.endNs);
  const totalNs = Math.max(
    1,
    request.endNs - request.intendedNs,
    ...sorted.map(({ endNs }) => endNs - request.intendedNs),
  );
  const left = width < 480 ? 118 : 168;
  const x = (ns: number) =>
    left + ((ns - request.intendedNs) / totalNs) * Math.max(40, width - left - 22);
  const height = 16 + ROW * Math.max(1, sorted.length) + 4;
  return (
    <div class="wfbox" ref={ref}>
      {width > 0 && (
        <svg
          class="wfsvg"
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={summaryOf(request)}
        >
          <Grid totalNs={totalNs} x={x} startNs={request.intendedNs} height={height} />
          {sorted.map((span, index) => (
            <SpanRow
              key={index}
              span={span}
              y={16 + index * ROW}
              x={x}
              right={width - 8}
              left={left}
            />
          ))}
          {sorted.length === 0 && (
            <text x={14} y={29}>
              {isTraced ? 'No piece of it was traced.' : 'The run is traced again to see inside…'}
            </text>
          )}
        </svg>
      )}
      <Why request={request} />
    </div>
  );
}

function Grid({
  totalNs,
  x,
  startNs,
  height,
}: {
  readonly totalNs: number;
  readonly x: (ns: number) => number;
  readonly startNs: number;
  readonly height: number;
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
      {ticks.map((ns) => (
        <g key={ns}>
          <path class="g" d={`M${x(startNs + ns)} 14V${height - 4}`} />
          <text x={x(startNs + ns)} y={10} text-anchor={ns === 0 ? 'start' : 'middle'}>
            {msText(ns / 1e6)}
          </text>
        </g>
      ))}
    </>
  );
}

function SpanRow({
  span,
  y,
  x,
  left,
  right,
}: {
  readonly span: ViewSpan;
  readonly y: number;
  readonly x: (ns: number) => number;
  readonly left: number;
  readonly right: number;
}) {
  const start = x(span.startNs);
  const end = Math.max(start + 1.5, x(span.endNs));
  const isBad = /^(5|0$|reset)/.test(span.detail) && span.kind !== 'network';
  const text = [msText((span.endNs - span.startNs) / 1e6), span.detail]
    .filter((part) => part !== '')
    .join(' → ');
  const isInside = end - start > text.length * 6.2 + 12;
  const isLeft = !isInside && end + 8 + text.length * 6.2 > right;
  const letters = Math.floor((left - 24) / 6.1);
  const name = span.kind === 'client' ? span.at : `${span.kind} ${span.at}`;
  return (
    <g>
      <title>{`${span.kind} at ${span.at}: ${text}`}</title>
      <text class="in" x={span.kind === 'client' ? 14 : 24} y={y + 13}>
        {name.length > letters ? `${name.slice(0, letters - 1)}…` : name}
      </text>
      <rect
        x={start}
        y={y + 4}
        width={end - start}
        height={11}
        rx={1.5}
        style={{
          fill:
            isBad && span.kind !== 'client' ? 'var(--failing)' : (FILLS[span.kind] ?? 'var(--s8)'),
          fillOpacity: span.kind === 'client' ? 0.5 : 1,
        }}
      />
      <text
        x={isInside ? start + 5 : isLeft ? start - 5 : end + 5}
        y={y + 13}
        text-anchor={isLeft ? 'end' : 'start'}
        style={{ fill: isInside && span.kind !== 'client' ? 'var(--panel)' : 'var(--text)' }}
      >
        {text}
      </text>
    </g>
  );
}

function Why({ request }: { readonly request: ViewRequest }) {
  const view = useStore(page, (state) => state.view);
  const { code, flags, cluster, host, pod, attempts, route } = request;
  const cause = view?.causes.find(
    (one) =>
      one.code === code &&
      one.flags === flags &&
      (one.destination === '' || clusterText(cluster).startsWith(one.destination.split('|')[0]!)),
  );
  return (
    <div class="wfnote">
      <b>{outcomeText(code, flags)}</b> · route {route === '' ? '–' : route} ·{' '}
      {clusterText(cluster)} ·{' '}
      {host === '' ? 'no host was reached' : `host ${host}${pod === '' ? '' : ` (${pod})`}`} ·{' '}
      {attempts} {attempts === 1 ? 'attempt' : 'attempts'}
      {cause !== undefined && (
        <>
          {' '}
          · <b>Why:</b> {cause.reason}{' '}
          {cause.at !== undefined && (
            <button type="button" class="link" onClick={() => goToPlace(cause.at)}>
              {cause.at.file.split('/').at(-1)}:{cause.at.line}
            </button>
          )}
        </>
      )}
    </div>
  );
}

function summaryOf({ client, code, flags, attempts, intendedNs, endNs }: ViewRequest): string {
  return `Request of ${client}: ${outcomeText(code, flags)} after ${msText((endNs - intendedNs) / 1e6)}, ${attempts} attempts`;
}
