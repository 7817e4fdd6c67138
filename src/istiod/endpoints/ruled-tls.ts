import type { ClientTlsSettings } from '#config/istio/destination-rule.ts';
import { type ConsolidatedDestinationRule, subsetOf } from '../model/destination-rule-merge.ts';
import type { PlacedPolicy } from '../model/traffic-policy.ts';

/**
 * The TLS mode that a rule sets for a port; unlike other blocks the port's settings inherit it from
 * those above, and a subset's from the service's. Undefined where no rule speaks of TLS.
 *
 * @source istio: pilot/pkg/xds/endpoints/mtls_checker.go, tlsModeForDestinationRule
 */
export function ruledTlsMode(
  rule: ConsolidatedDestinationRule | undefined,
  subset: string,
  port: number,
): ClientTlsSettings['mode'] | undefined {
  if (rule === undefined) return undefined;
  if (subset === '') return modeForPort(rule.policy, port);
  const found = subsetOf(rule, subset);
  return found && (modeForPort(found.policy, port) ?? modeForPort(rule.policy, port));
}

function modeForPort(
  placed: PlacedPolicy | undefined,
  port: number,
): ClientTlsSettings['mode'] | undefined {
  const settings = placed?.policy.portLevelSettings.find(
    (entry) => entry.port?.number === port && entry.tls !== undefined,
  );
  return (settings ?? placed?.policy)?.tls?.mode;
}
