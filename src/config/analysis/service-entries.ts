import { isSequence, member } from '#source/yaml-value.ts';
import type { ServiceEntry } from '../resource.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { exportScopes } from './scoped-hosts.ts';

/** @source istio: pkg/config/analysis/analyzers/serviceentry/protocoladdresses.go */
export const protocolAddressesAnalyzer: Analyzer = {
  name: 'serviceentry.Analyzer',
  inputs: ['ServiceEntry', 'MeshConfig'],
  analyze(context) {
    if (allocatesAddresses(context)) return;
    for (const entry of context.of('ServiceEntry')) {
      if (entry.spec.addresses.length > 0 || hasAddressInStatus(entry)) continue;
      for (const [index, { protocol }] of entry.spec.ports.entries()) {
        if (protocol !== '' && protocol.toLowerCase() !== 'tcp') continue;
        context.report('IST0134', entry, [], {
          line: ['spec', 'ports', index, 'name'],
          at: ['spec', 'ports', index],
        });
      }
    }
  },
};

function allocatesAddresses({ meshConfig }: AnalysisContext): boolean {
  const metadata = meshConfig?.defaultConfig?.proxyMetadata;
  if (metadata?.get('ISTIO_META_DNS_CAPTURE') !== 'true') return false;
  const switches = ['ISTIO_META_DNS_AUTO_ALLOCATE', 'PILOT_ENABLE_IP_AUTOALLOCATE'];
  return switches.some((name) => metadata.get(name) === 'true');
}

function hasAddressInStatus({ raw }: ServiceEntry): boolean {
  const addresses = member(raw.get('status'), 'addresses');
  return isSequence(addresses) && addresses.length > 0;
}

interface Use {
  readonly protocol: string;
  readonly entry: ServiceEntry;
}

/** @source istio: pkg/config/analysis/analyzers/serviceentry/conflictingserviceentries.go */
export const conflictingProtocolAnalyzer: Analyzer = {
  name: 'serviceentry.ConflictingServiceEntryProtocolAnalyzer',
  inputs: ['ServiceEntry'],
  analyze(context) {
    const uses = usesByHostAndPort(context);
    const reported = new Set<string>();
    for (const [key, own] of uses) {
      const [scope, host, port] = key.split('\n') as [string, string, string];
      const all = scope === '*' ? own : [...own, ...(uses.get(`*\n${host}\n${port}`) ?? [])];
      const protocols = new Set(all.map(({ protocol }) => protocol.toUpperCase()));
      if (protocols.size < 2) continue;
      const names = [...new Set(all.map(({ entry }) => fullName(entry)))].sort().join(', ');
      const list = [...protocols].sort().join(', ');
      for (const { entry } of all) {
        if (reported.has(fullName(entry))) continue;
        reported.add(fullName(entry));
        context.report('IST0177', entry, [names, host, Number(port), list], {
          line: ['metadata', 'name'],
          at: ['spec', 'ports'],
        });
      }
    }
  },
};

function usesByHostAndPort(context: AnalysisContext): ReadonlyMap<string, readonly Use[]> {
  const uses = new Map<string, Use[]>();
  for (const entry of context.of('ServiceEntry')) {
    const { exportTo, hosts, ports } = entry.spec;
    for (const scope of exportScopes(exportTo, entry.metadata.namespace)) {
      for (const host of hosts) {
        for (const { number, protocol } of ports) {
          const key = `${scope}\n${host}\n${number}`;
          const found = uses.get(key);
          if (found === undefined) uses.set(key, [{ protocol, entry }]);
          else found.push({ protocol, entry });
        }
      }
    }
  }
  return uses;
}
