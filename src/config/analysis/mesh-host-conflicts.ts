import type { VirtualService } from '../resource.ts';
import { hostsOverlap } from '../validation/domain-names.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { exportScopes, fqdnOf, scopedFqdn, splitScoped } from './scoped-hosts.ts';

/** @source istio: pkg/config/analysis/analyzers/virtualservice/conflictingmeshgatewayhosts.go */
export const meshHostConflictAnalyzer: Analyzer = {
  name: 'virtualservice.ConflictingMeshGatewayHostsAnalyzer',
  inputs: ['VirtualService'],
  analyze(context) {
    const byHost = meshHosts(context);
    const reported = new Set<string>();
    for (const [scoped, services] of byHost) {
      const rivals = [...services, ...unscopedRivals(scoped, byHost)];
      if (rivals.length < 2) continue;
      const names = rivals.map(fullName).sort().join(',');
      for (const service of rivals) {
        if (reported.has(fullName(service))) continue;
        reported.add(fullName(service));
        context.report('IST0109', service, [names, scoped], {
          line: ['metadata', 'name'],
          at: ['spec', 'hosts', hostIndex(service, scoped)],
        });
      }
    }
  },
};

/** Which of its hosts a VirtualService shares with others. */
function hostIndex({ metadata, spec }: VirtualService, scoped: string): number {
  const [, shared] = splitScoped(scoped);
  const hosts = spec.hosts.map((host) => fqdnOf(metadata.namespace, host));
  const same = hosts.indexOf(shared);
  return same >= 0
    ? same
    : Math.max(
        0,
        hosts.findIndex((host) => hostsOverlap(host, shared)),
      );
}

/** VirtualServices of the mesh by the hosts that they are visible for. */
function meshHosts(context: AnalysisContext): ReadonlyMap<string, readonly VirtualService[]> {
  const byHost = new Map<string, VirtualService[]>();
  for (const service of context.of('VirtualService')) {
    const { gateways, exportTo, hosts } = service.spec;
    if (gateways.length > 0 && !gateways.includes('mesh')) continue;
    const { namespace } = service.metadata;
    for (const scope of exportScopes(exportTo, namespace)) {
      for (const host of hosts) {
        const scoped = scopedFqdn(scope, namespace, host);
        const found = byHost.get(scoped);
        if (found === undefined) byHost.set(scoped, [service]);
        else found.push(service);
      }
    }
  }
  return byHost;
}

/** Of a host that is visible in some namespaces: the services of all namespaces that overlap with it. */
function unscopedRivals(
  scoped: string,
  byHost: ReadonlyMap<string, readonly VirtualService[]>,
): readonly VirtualService[] {
  const [scope, host] = splitScoped(scoped);
  if (scope === '*') return [];
  return [...byHost].flatMap(([other, services]) => {
    const [otherScope, otherHost] = splitScoped(other);
    return otherScope === '*' && hostsOverlap(host, otherHost) ? services : [];
  });
}
