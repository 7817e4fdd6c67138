import { type PauseConditions, pauseConditions } from '../state/pause-conditions.ts';
import { useStore } from '../state/store.ts';
import { Icon } from './icon.tsx';
import { Choice, Limit, Menu } from './menu.tsx';

const EVENTS: readonly (readonly ['ejection' | 'firstFailure' | 'push' | 'step', string])[] = [
  ['firstFailure', 'the first of each failure'],
  ['ejection', 'an ejection'],
  ['push', 'a push that reaches a proxy'],
  ['step', 'a step of the timeline'],
];

const LIMITS: readonly (readonly ['failuresAbove' | 'p99Above', string])[] = [
  ['failuresAbove', 'failures per second above'],
  ['p99Above', 'p99 in ms above'],
];

/** When playing stops by itself. */
export function PauseMenu() {
  const conditions = useStore(pauseConditions, (state) => state);
  const isAny = Object.values(conditions).some((one) => one !== false && one !== undefined);
  return (
    <Menu
      summary={
        <summary
          class={isAny ? 'icononly on' : 'icononly'}
          aria-label="Pause when something happens"
          title="Pause when …"
        >
          <Icon name="pauseAt" />
        </summary>
      }
    >
      <fieldset>
        <legend>Pause at</legend>
        {EVENTS.map(([id, says]) => (
          <Choice
            key={id}
            isOn={conditions[id]}
            says={says}
            onToggle={() => pauseConditions.set({ [id]: !conditions[id] })}
          />
        ))}
        {LIMITS.map(([id, says]) => (
          <Limit
            key={id}
            says={says}
            value={conditions[id]}
            placeholder="off"
            onNumber={(value) => pauseConditions.set(limitOf(id, value))}
          />
        ))}
      </fieldset>
    </Menu>
  );
}

function limitOf(id: 'failuresAbove' | 'p99Above', value: number): Partial<PauseConditions> {
  return { [id]: Number.isNaN(value) ? undefined : value };
}
