import { LANES } from '../charts/lanes.ts';
import { page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';

const KEYS: readonly (readonly [string, string])[] = [
  ['space', 'run, pause'],
  ['. ,', 'next, former event of the chosen kind'],
  ['[ ]', 'slower, faster'],
  ['← →', '1 s, with shift 10 s; in lists along rows'],
  ['Enter', 'open the row, follow the blame'],
  ['/', 'find in the graph; !word hides'],
  ['+ - 0', 'in the charts: nearer, farther, all'],
  ['g c r e', 'focus graph, charts, requests, editor'],
  ['Alt ↑ ↓', 'in the editor: the value at the caret, a step up or down'],
  ['b', 'compare on, off'],
  ['m', 'maximise the panel'],
  ['?', 'these keys'],
  ['Esc', 'close, drop the last filter'],
];

export function KeysDialog() {
  return (
    <Dialog title="Keys" style="share">
      <dl class="keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="muted small">
        Click or drag in the charts for a moment or a stretch of time; click an edge, a node, a
        label or a code to filter by it. Drag an underlined value in the editor sideways; on a touch
        screen tap it for − and +. Same scenario, same seed, same digest — here and on the command
        line.
      </p>
    </Dialog>
  );
}

/** Which charts there are, and in which order. */
export function LanesDialog() {
  const lanes = useStore(page, (state) => state.lanes);
  const move = (id: string) => {
    const index = lanes.indexOf(id);
    const others = lanes.filter((lane) => lane !== id);
    page.set({
      lanes: [
        ...others.slice(0, Math.max(0, index - 1)),
        id,
        ...others.slice(Math.max(0, index - 1)),
      ],
    });
  };
  return (
    <Dialog title="Charts" style="share">
      <ul class="choices">
        {[...new Set([...lanes, ...LANES.keys()])].map((id) => (
          <li key={id}>
            <label>
              <input
                type="checkbox"
                checked={lanes.includes(id)}
                onChange={() =>
                  page.set({
                    lanes: lanes.includes(id)
                      ? lanes.filter((lane) => lane !== id)
                      : [...lanes, id],
                  })
                }
              />{' '}
              {LANES.get(id)?.name}
            </label>
            {lanes.indexOf(id) > 0 && (
              <button
                type="button"
                class="btn icon"
                aria-label={`${LANES.get(id)?.name} further up`}
                onClick={() => move(id)}
              >
                <span class="up">
                  <Icon name="dn" />
                </span>
              </button>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
