import type { ViewExpectation } from '#report/run-view.ts';
import { goToPlace } from '../state/engine.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { Icon } from './icon.tsx';

const GLYPHS = {
  held: { style: 'st ok', says: 'held' },
  failed: { style: 'st no', says: 'failed' },
  close: { style: 'st at', says: 'held, but the interval crosses the bound' },
  unknown: { style: 'st', says: 'not known yet' },
};

/** What should hold, what was seen, and how sure that is. */
export function Expectations() {
  const view = useStore(page, (state) => state.view);
  const former = useStore(page, (state) => (state.isComparing ? state.former?.view : undefined));
  if (view === undefined || view.expectations.length === 0) return null;
  const { expectations } = view;
  const failed = expectations.filter(({ status }) => status === 'failed').length;
  const caption = view.isOver
    ? `Expectations · ${expectations.length - failed} held${failed > 0 ? ', ' : ''}`
    : 'Expectations so far';
  return (
    <div class="exp" tabIndex={0} role="group" aria-label="Expectations">
      <table>
        <caption>
          {caption}
          {failed > 0 && <b class="bad">{failed} failed</b>} · 99% intervals
          {former === undefined ? '' : ' · A in grey'}
        </caption>
        <tbody>
          {expectations.map((one, index) => (
            <Row key={one.name} one={one} before={former?.expectations[index]} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  one,
  before,
}: {
  readonly one: ViewExpectation;
  readonly before: ViewExpectation | undefined;
}) {
  const glyph = GLYPHS[one.status];
  return (
    <tr title={one.remark}>
      <td>
        <span class={glyph.style} role="img" aria-label={glyph.says}>
          {one.status === 'unknown' ? '·' : <Icon name={one.status === 'failed' ? 'x' : 'ok'} />}
        </span>
      </td>
      <td class="what">
        <button type="button" class="plain" onClick={() => goToPlace(one.at)}>
          {one.name}
        </button>
      </td>
      <td class="muted w">{one.wanted}</td>
      {before !== undefined && <td class="n muted">{before.seen}</td>}
      <td class="n">{one.seen}</td>
      <td class="iv">
        <Interval one={one} />
      </td>
      <td class="muted iv">{one.interval}</td>
    </tr>
  );
}

const WIDTH = 64;

/** The interval as a bar, the value as a dot, bounds as ticks; with room at both sides. */
function Interval({ one }: { readonly one: ViewExpectation }) {
  const { value, low = value, high = value, bounds, status } = one;
  if (value === undefined || low === undefined || high === undefined) return null;
  const all = [value, low, high, ...bounds].filter(Number.isFinite);
  const least = Math.min(...all);
  const most = Math.max(...all);
  const room = (most - least) * 0.18 || Math.abs(most) * 0.2 || 1;
  const x = (number: number) =>
    (((number - least + room) / (most - least + 2 * room)) * WIDTH).toFixed(1);
  const colour = { held: 'healthy', failed: 'failing', close: 'degraded', unknown: 'idle' }[status];
  return (
    <svg
      class="ivl"
      width={WIDTH}
      height="12"
      role="img"
      aria-label={one.interval === '' ? one.seen : `99% interval ${one.interval}`}
    >
      <path d={`M0 6.5h${WIDTH}`} stroke="var(--line)" />
      <path
        d={`M${x(low)} 6.5H${x(high)}`}
        style={{ stroke: `var(--${colour})` }}
        stroke-width="4"
        stroke-opacity=".45"
      />
      <circle cx={x(value)} cy="6.5" r="2.5" style={{ fill: `var(--${colour})` }} />
      {bounds.map((bound) => (
        <path key={bound} d={`M${x(bound)} 1v11`} stroke="var(--text)" stroke-width="1.2" />
      ))}
    </svg>
  );
}
