import { useState } from 'preact/hooks';
import { fewKnobs, type Knobs, knobGroups } from '../editor/knobs.ts';
import { numberAt } from '../editor/replace-values.ts';
import { isOfPods } from '../engine/of-pods.ts';
import type { RunValue } from '../engine/run-values.ts';
import { goToPlace, turnKnob } from '../state/engine.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { shortFile } from './verdict.tsx';

/** Every value on which the run depends, as a slider that edits the YAML: a few, or all of them. */
export function KnobsPanel() {
  const knobs = useStore(page, (state) => state.knobs);
  const file = useStore(page, (state) => state.file);
  const causes = useStore(page, (state) => state.view?.causes);
  const [showsAll, setShowsAll] = useState(false);
  const blamed = (causes ?? []).flatMap(({ at }) => (at === undefined ? [] : [at]));
  const count = knobs?.values.length ?? 0;
  if (knobs !== undefined && count === 0) return null;
  return (
    <section class={showsAll ? 'knobs all' : 'knobs'} aria-label="Values">
      <h2>
        Drag a value: it edits the YAML and runs again
        {knobs !== undefined && (
          <button
            type="button"
            class="link"
            aria-expanded={showsAll}
            onClick={() => setShowsAll(!showsAll)}
          >
            {showsAll ? 'a few' : `all ${count}`}
          </button>
        )}
      </h2>
      {knobs !== undefined &&
        (showsAll ? (
          <AllKnobs knobs={knobs} />
        ) : (
          <Rows knobs={knobs} values={fewKnobs(knobs.values, file, blamed)} isMixed />
        ))}
    </section>
  );
}

function AllKnobs({ knobs }: { readonly knobs: Knobs }) {
  return (
    <div class="allknobs" tabIndex={0} role="group" aria-label="All values">
      {knobGroups(knobs.values).map(({ object, values }) => (
        <div key={`${values[0]!.at.file} ${object} ${values[0]!.at.line}`}>
          <h3>
            {object || 'scenario'} <span class="muted">{shortFile(values[0]!.at.file)}</span>
          </h3>
          <Rows knobs={knobs} values={values} />
        </div>
      ))}
    </div>
  );
}

interface RowsProps {
  readonly knobs: Knobs;
  readonly values: readonly RunValue[];
  /** Of several objects: what they all have needs the name of its own. */
  readonly isMixed?: boolean;
}

function Rows({ knobs, values, isMixed = false }: RowsProps) {
  return (
    <>
      {values.map((value) => (
        <KnobRow
          key={`${value.at.file}:${value.at.line}:${value.name}`}
          knobs={knobs}
          knob={value}
          name={isMixed && isOfPods(value) ? `${objectName(value)} ${value.name}` : value.name}
        />
      ))}
    </>
  );
}

/** `catalog-v1` of `Deployment catalog-v1`. */
function objectName({ object }: RunValue): string {
  return object.slice(object.indexOf(' ') + 1);
}

interface KnobRowProps {
  readonly knobs: Knobs;
  readonly knob: RunValue;
  readonly name: string;
}

function KnobRow({ knobs, knob, name }: KnobRowProps) {
  // As written now: the next key may come before the files have been read again.
  const project = useStore(page, (state) => state.project);
  const value = numberAt(project, knob.at, knobs.project);
  if (value === undefined) return null;
  const { at, most, step, unit, route } = knob;
  const share = Math.min(100, (100 * value) / most);
  return (
    <div class="knob">
      <span title={`${name}, ${at.file}:${at.line}`}>
        {name}{' '}
        <button type="button" class="link muted" tabIndex={-1} onClick={() => goToPlace(at)}>
          {shortFile(at.file).replace(/\.ya?ml$/, '')}:{at.line}
        </button>
      </span>
      <input
        type="range"
        min={0}
        max={most}
        step={step}
        value={value}
        aria-label={`${name} ${shortFile(at.file)}:${at.line}`}
        aria-valuetext={`${value}${unit}`}
        style={{ '--v': `${share}%` }}
        onInput={(event) => turnKnob(knob, Number(event.currentTarget.value), knobs)}
      />
      <output>
        {value}
        {route === '' ? unit : '%'}
      </output>
    </div>
  );
}
