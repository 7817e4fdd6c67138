import type { AccessLogging } from '#config/istio/telemetry.ts';

/** From whose side a proxy logs: of the caller (outbound, gateways), or of the server (inbound). */
export type LoggingSide = 'CLIENT' | 'SERVER';

/** How one provider logs. */
export interface Logging {
  readonly isDisabled: boolean;
  /** CEL; only lines of which it is true. */
  readonly expression: string | undefined;
}

const UNCONDITIONAL: Logging = { isDisabled: false, expression: undefined };
const DISABLED: Logging = { isDisabled: true, expression: undefined };

/**
 * The providers that log, by name. Each level of Telemetry (mesh, namespace, workload) may name others
 * than the one above, and inherits them when it names none.
 *
 * @source istio: pilot/pkg/model/telemetry.go, mergeLogs
 */
export function loggingProviders(
  levels: readonly (readonly AccessLogging[])[],
  defaults: readonly string[],
  side: LoggingSide,
): ReadonlyMap<string, Logging> {
  if (levels.length === 0) return new Map(defaults.map((name) => [name, UNCONDITIONAL]));
  const { inScope, filtered } = namedProviders(levels, defaults, side);
  const found = new Map<string, Logging>();
  let inherited = defaults;
  for (const logging of levels.flat()) {
    if (logging.providers.length > 0) inherited = namesOf(logging);
    if (!concerns(logging, side)) continue;
    for (const name of inherited) {
      if (!inScope.has(name)) continue;
      found.set(name, logging.disabled ? DISABLED : (filtered.get(name) ?? UNCONDITIONAL));
    }
  }
  return found;
}

/** The providers of the lowest level that names any, and the last filter that was put on each. */
function namedProviders(
  levels: readonly (readonly AccessLogging[])[],
  defaults: readonly string[],
  side: LoggingSide,
) {
  const filtered = new Map<string, Logging>();
  let inScope: ReadonlySet<string> = new Set(defaults);
  for (const level of levels) {
    const concerning = level.filter((logging) => concerns(logging, side));
    const named = new Set(concerning.flatMap(namesOf));
    if (named.size > 0) inScope = named;
    for (const logging of concerning) {
      const expression = logging.filter?.expression;
      for (const name of namesOf(logging)) filtered.set(name, { isDisabled: false, expression });
    }
  }
  return { inScope, filtered };
}

function namesOf({ providers }: AccessLogging): readonly string[] {
  return providers.map(({ name }) => name);
}

function concerns({ match }: AccessLogging, side: LoggingSide): boolean {
  const mode = match?.mode ?? 'CLIENT_AND_SERVER';
  return mode === 'CLIENT_AND_SERVER' || mode === side;
}
