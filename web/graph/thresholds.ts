import { Store } from '../state/store.ts';

/**
 * From which share of errors on a node or edge counts as degraded or failing, in percent; 0 = from the
 * first. @source kiali: config, health_config (http and grpc)
 */
export interface HealthThresholds {
  readonly degraded5xx: number;
  readonly failing5xx: number;
  readonly degraded4xx: number;
  readonly failing4xx: number;
}

export const KIALI_THRESHOLDS: HealthThresholds = {
  degraded5xx: 0,
  failing5xx: 10,
  degraded4xx: 10,
  failing4xx: 20,
};

const KEY = 'meshsim-thresholds';

/** As chosen on this computer. */
export const thresholds = new Store<HealthThresholds>(remembered());

export function setThresholds(change: Partial<HealthThresholds>): void {
  thresholds.set(change);
  try {
    localStorage.setItem(KEY, JSON.stringify(thresholds.state));
  } catch {
    // Storage may be forbidden: then they last as long as the page.
  }
}

function remembered(): HealthThresholds {
  const found = storedNumbers();
  const own = (name: keyof HealthThresholds) => {
    const value = found.get(name);
    return value !== undefined && value >= 0 && value <= 100 ? value : KIALI_THRESHOLDS[name];
  };
  return {
    degraded5xx: own('degraded5xx'),
    failing5xx: own('failing5xx'),
    degraded4xx: own('degraded4xx'),
    failing4xx: own('failing4xx'),
  };
}

function storedNumbers(): ReadonlyMap<string, number> {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof found !== 'object' || found === null) return new Map();
    return new Map(Object.entries(found).filter(([, value]) => typeof value === 'number'));
  } catch {
    return new Map(); // Storage may be forbidden.
  }
}
