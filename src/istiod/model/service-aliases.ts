import { compareText } from '#source/compare-text.ts';
import type { HostName } from './host-name.ts';
import type { NamespacedHost, Service } from './service.ts';

/**
 * Services with the ExternalName Services that lead to them. Chains are followed; a loop leads
 * nowhere.
 *
 * @source istio: pilot/pkg/model/push_context.go, resolveServiceAliases
 */
export function withAliases(services: readonly Service[]): readonly Service[] {
  const aliases = services.filter((service) => service.resolution === 'Alias');
  if (aliases.length === 0) return services;
  const targets = new Map(aliases.map(({ hostname, externalName }) => [hostname, externalName!]));
  const byTarget = new Map<HostName, NamespacedHost[]>();
  for (const { hostname, namespace } of aliases) {
    const target = concreteTarget(hostname, targets);
    if (target === undefined) continue;
    const known = byTarget.get(target);
    if (known === undefined) byTarget.set(target, [{ hostname, namespace }]);
    else known.push({ hostname, namespace });
  }
  for (const list of byTarget.values()) {
    list.sort(
      (a, b) => compareText(a.namespace, b.namespace) || compareText(a.hostname, b.hostname),
    );
  }
  return services.map((service) => {
    const found = byTarget.get(service.hostname);
    return found === undefined ? service : { ...service, aliases: found };
  });
}

function concreteTarget(
  alias: HostName,
  targets: ReadonlyMap<HostName, HostName>,
): HostName | undefined {
  const seen = new Set([alias]);
  let target = targets.get(alias)!;
  while (targets.has(target)) {
    if (seen.has(target)) return undefined;
    seen.add(target);
    target = targets.get(target)!;
  }
  return target;
}
