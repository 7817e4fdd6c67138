import { useEffect } from 'preact/hooks';
import type { ViewMetricDifference, ViewOutcomeChange } from '#report/run-view-comparison.ts';
import { comparisonOf } from '../state/comparison.ts';
import { goToPlace } from '../state/engine.ts';
import { msText, percentText, shortNumber } from '../state/formats.ts';
import { page } from '../state/page-state.ts';
import { paired } from '../state/paired.ts';
import { keepPaired } from '../state/pairing.ts';
import { useStore } from '../state/store.ts';
import { Columns } from './columns.tsx';
import { MaximiseButton } from './maximise-button.tsx';

/** In place of the requests when two runs are compared: who ended otherwise, and by how much. */
export function ComparisonPanel() {
  const comparison = useStore(paired, (state) => state.comparison);
  useEffect(keepPaired, []);
  const changed = comparison?.changes.reduce((sum, { count }) => sum + count, 0) ?? 0;
  return (
    <>
      <div class="ph">
        <h2>Requests that changed</h2>
        <span class="grow" />
        <span class="muted nw">
          {comparison === undefined ? 'comparing…' : `${changed} of ${comparison.pairedCount}`}
        </span>
        <MaximiseButton panel="requests" />
      </div>
      <section class="tbl" tabIndex={0} aria-label="Requests that changed">
        {comparison === undefined ? (
          <Outcomes />
        ) : (
          <>
            <Changes changes={comparison.changes} unchanged={comparison.pairedCount - changed} />
            <Metrics metrics={comparison.metrics} />
            <p class="muted explain">
              Paired: every request has the same arrival and the same service-time draws in both
              runs, so each of these differences is due to the change alone.
              {comparison.onlyInA + comparison.onlyInB > 0 &&
                ` ${comparison.onlyInA} requests are only in A, ${comparison.onlyInB} only in B.`}
            </p>
          </>
        )}
      </section>
    </>
  );
}

function Changes({
  changes,
  unchanged,
}: {
  readonly changes: readonly ViewOutcomeChange[];
  readonly unchanged: number;
}) {
  const most = Math.max(1, ...changes.map(({ count }) => count));
  const isSeveral = new Set(changes.map(({ client }) => client)).size > 1;
  return (
    <table>
      <Columns names={[['Outcome in A → B'], ['Requests', 'r'], ['Cause', 'hp'], ['Rule']]} />
      <tbody>
        {changes.map((change, index) => {
          const { before, after, count, client, setting, at, isBetter, isWorse } = change;
          const colour = isBetter ? 'healthy' : isWorse ? 'failing' : 's8';
          return (
            <tr key={index}>
              <td>
                <span class="cf">
                  <i style={{ background: `var(--${colour})` }} />
                  {before} → {after}
                </span>{' '}
                <span class="muted">
                  {isBetter ? 'mended' : isWorse ? 'broken' : ''}
                  {isSeveral ? ` ${client}` : ''}
                </span>
              </td>
              <td class="r nw">
                <span
                  class="lb"
                  style={{
                    width: `${Math.max(1, (60 * count) / most)}px`,
                    background: `var(--${colour})`,
                  }}
                />
                <b>{count}</b>
              </td>
              <td class="hp cut">{setting === '' ? '–' : setting}</td>
              <td>
                {at === undefined ? (
                  '–'
                ) : (
                  <button type="button" class="link" onClick={() => goToPlace(at)}>
                    {at.file.split('/').at(-1)}:{at.line}
                  </button>
                )}
              </td>
            </tr>
          );
        })}
        <tr>
          <td class="muted">as before</td>
          <td class="r">{unchanged}</td>
          <td class="hp" />
          <td />
        </tr>
      </tbody>
    </table>
  );
}

/** Every client's numbers in A and B with the paired interval of their difference. */
function Metrics({ metrics }: { readonly metrics: readonly ViewMetricDifference[] }) {
  return (
    <table class="metrics">
      <Columns
        names={[
          ['Client'],
          ['Metric'],
          ['A', 'r hp'],
          ['B', 'r'],
          ['B − A', 'r'],
          ['95% interval', 'r hp'],
          ['Verdict'],
        ]}
      />
      <tbody>
        {tellingFirst(metrics).map((one) => (
          <tr key={`${one.client} ${one.metric}`}>
            <td class="cut">{one.client}</td>
            <td>{one.metric}</td>
            <td class="r hp">{amount(one.a, one)}</td>
            <td class="r">{amount(one.b, one)}</td>
            <td class="r">{signed(one.difference, one)}</td>
            <td class="r hp muted">
              {one.low === undefined || one.high === undefined
                ? '–'
                : `${signed(one.low, one)} .. ${signed(one.high, one)}`}
            </td>
            <td>
              <span class={VERDICTS[one.verdict]}>{one.verdict}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const TELLING: readonly ViewMetricDifference['verdict'][] = ['worse', 'better', 'unclear', 'same'];

/** What is different stands above what is not; otherwise as they come. */
function tellingFirst(metrics: readonly ViewMetricDifference[]): readonly ViewMetricDifference[] {
  return TELLING.flatMap((verdict) => metrics.filter((one) => one.verdict === verdict));
}

const VERDICTS: Readonly<Record<ViewMetricDifference['verdict'], string>> = {
  better: 'good',
  worse: 'bad',
  same: 'muted',
  unclear: 'muted',
};

function amount(value: number, { dimension }: ViewMetricDifference): string {
  if (Number.isNaN(value)) return '–';
  if (dimension === 'share') return percentText(value);
  return dimension === 'duration' ? msText(value / 1e6) : shortNumber(value);
}

function signed(value: number, metric: ViewMetricDifference): string {
  if (Number.isNaN(value)) return '–';
  const size =
    metric.dimension === 'share' ? pointsText(Math.abs(value)) : amount(Math.abs(value), metric);
  return value === 0 ? size : `${value < 0 ? '−' : '+'}${size}`;
}

/** Percentage points. */
function pointsText(share: number): string {
  return `${Number((share * 100).toPrecision(2))}pp`;
}

/** Until the pairs are there: outcomes by number. */
function Outcomes() {
  const state = useStore(page, (one) => one);
  const { outcomes } = comparisonOf(state);
  return (
    <table>
      <Columns names={[['Outcome'], ['A', 'r'], ['B', 'r']]} />
      <tbody>
        {outcomes.map(({ outcome, countA, countB }) => (
          <tr key={outcome}>
            <td>{outcome}</td>
            <td class="r">{countA}</td>
            <td class="r">{countB}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
