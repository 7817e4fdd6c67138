import type { ViewWeights } from '#report/run-view.ts';
import { numberAt, replaceValues } from '../editor/replace-values.ts';
import { edit } from '../state/engine.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';

/** The weight of a split, on its box: moving it edits the YAML and runs again. */
export function WeightSlider({
  weights,
  colours,
}: {
  readonly weights: ViewWeights;
  readonly colours: readonly [string, string];
}) {
  const project = useStore(page, (state) => state.project);
  const ran = useStore(page, (state) => state.ranProject);
  const [first, second] = weights.parts;
  if (first === undefined || second === undefined || weights.parts.length !== 2) return null;
  // As written, not as run: the next key may come before the next run.
  const [one, other] = [first, second].map(
    ({ at, weight }) => numberAt(project, at, ran) ?? weight,
  );
  const sum = one! + other! || 100;
  const share = Math.round((100 * one!) / sum);
  const change = (value: number) =>
    edit(
      replaceValues(
        page.state.project,
        [
          { at: first.at, text: String(value) },
          { at: second.at, text: String(100 - value) },
        ],
        ran,
      ),
      true,
    );
  return (
    <>
      <b style={{ color: colours[0] }}>
        {first.name} {share}
      </b>
      <input
        type="range"
        min="0"
        max="100"
        value={share}
        style={{ '--v': `${share}%` }}
        aria-label={`Weight of ${first.name}`}
        onInput={(event) => change(Number(event.currentTarget.value))}
      />
      <b style={{ color: colours[1] }}>
        {100 - share} {second.name}
      </b>
    </>
  );
}
