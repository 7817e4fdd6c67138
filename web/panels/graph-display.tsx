import {
  type HealthThresholds,
  KIALI_THRESHOLDS,
  setThresholds,
  thresholds,
} from '../graph/thresholds.ts';
import { type EdgeLabel, page } from '../state/page-state.ts';
import { useStore } from '../state/store.ts';
import { Icon } from './icon.tsx';
import { Choice, Limit, Menu } from './menu.tsx';

const LABELS: readonly (readonly [EdgeLabel, string])[] = [
  ['rate', 'traffic rate'],
  ['p50', 'response time p50'],
  ['p90', 'response time p90'],
  ['p99', 'response time p99'],
  ['share', 'traffic distribution'],
];

const LIMITS: readonly (readonly [keyof HealthThresholds, string])[] = [
  ['degraded5xx', '5xx degraded above'],
  ['failing5xx', '5xx failing from'],
  ['degraded4xx', '4xx degraded from'],
  ['failing4xx', '4xx failing from'],
];

/** What edges say, and from when on something counts as ill. */
export function GraphDisplay() {
  const labels = useStore(page, (state) => state.edgeLabels);
  const limits = useStore(thresholds, (state) => state);
  const isOwn = LIMITS.some(([name]) => limits[name] !== KIALI_THRESHOLDS[name]);
  const toggle = (label: EdgeLabel) =>
    page.set({
      edgeLabels: labels.includes(label)
        ? labels.filter((one) => one !== label)
        : LABELS.flatMap(([id]) => (labels.includes(id) || id === label ? [id] : [])),
    });
  return (
    <Menu
      summary={
        <summary>
          <span class="sr">Edge labels and health: </span>
          {labels.join(' | ') || 'no labels'} <Icon name="dn" />
        </summary>
      }
    >
      <fieldset>
        <legend>On edges</legend>
        {LABELS.map(([id, name]) => (
          <Choice key={id} isOn={labels.includes(id)} says={name} onToggle={() => toggle(id)} />
        ))}
      </fieldset>
      <fieldset>
        <legend>Health, in % of requests</legend>
        {LIMITS.map(([name, says]) => (
          <Limit
            key={name}
            says={says}
            value={limits[name]}
            most={100}
            onNumber={(value) => {
              if (value >= 0 && value <= 100) setThresholds({ [name]: value });
            }}
          />
        ))}
        {isOwn && (
          <button type="button" class="btn line sm" onClick={() => setThresholds(KIALI_THRESHOLDS)}>
            Kiali's defaults
          </button>
        )}
      </fieldset>
    </Menu>
  );
}
