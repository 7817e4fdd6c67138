import type { Path } from '#source/path.ts';
import type { Destination } from '../istio/shared-shapes.ts';
import type { VirtualServiceSpec } from '../istio/virtual-service.ts';
import type { VirtualService } from '../resource.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { findHost, type KnownHost, knownHosts, objectOfHost } from './scoped-hosts.ts';

interface Target {
  readonly destination: Destination;
  /** The field whose line istioctl names; of `mirrors` it looks in a place where nothing is. */
  readonly line: Path;
  readonly at: Path;
}

function routeTargets(spec: VirtualServiceSpec): readonly Target[] {
  return (['tcp', 'tls', 'http'] as const).flatMap((rule) =>
    spec[rule].flatMap(({ route }, index) =>
      route.map(({ destination }, destinationIndex) => {
        const line = ['spec', rule, index, 'route', destinationIndex, 'destination', 'host'];
        return { destination: destination ?? NOWHERE, line, at: line };
      }),
    ),
  );
}

const NOWHERE: Destination = { host: '', subset: '', port: undefined };

function mirrorTargets(spec: VirtualServiceSpec): readonly Target[] {
  return spec.http.flatMap(({ mirror, mirrors }, index) => {
    const path = ['spec', 'http', index];
    const line = [...path, 'mirror', 'host'];
    return [
      ...(mirror === undefined ? [] : [{ destination: mirror, line, at: line }]),
      ...mirrors.map(({ destination }, mirrorIndex) => ({
        destination: destination ?? NOWHERE,
        line: [...path, 'mirrors', mirrorIndex, 'host'],
        at: [...path, 'mirrors', mirrorIndex, 'destination', 'host'],
      })),
    ];
  });
}

/** @source istio: pkg/config/analysis/analyzers/virtualservice/destinationhosts.go */
export const destinationHostAnalyzer: Analyzer = {
  name: 'virtualservice.DestinationHostAnalyzer',
  inputs: ['ServiceEntry', 'VirtualService', 'Service'],
  analyze(context) {
    const known = knownHosts(context);
    const withSubsets = subsetHosts(context);
    for (const service of context.of('VirtualService')) {
      checkTargets(context, service, known);
      checkSubsetEffect(context, service, withSubsets);
    }
  },
};

function checkTargets(
  context: AnalysisContext,
  service: VirtualService,
  known: ReadonlyMap<string, KnownHost>,
): void {
  const check = (targets: readonly Target[], type: string) => {
    for (const target of targets) {
      const { host } = target.destination;
      const found = findHost(known, {
        namespace: service.metadata.namespace,
        exportTo: service.spec.exportTo,
        host,
      });
      if (found === undefined) context.report('IST0101', service, [type, host], target);
      else checkPort(context, service, target, found);
    }
  };
  check(routeTargets(service.spec), 'host');
  check(mirrorTargets(service.spec), 'mirror host');
}

function checkPort(
  context: AnalysisContext,
  service: VirtualService,
  target: Target,
  { ports }: KnownHost,
): void {
  const { host, port } = target.destination;
  if (port === undefined) {
    if (ports.length > 1) context.report('IST0112', service, [host, ports], target);
  } else if (!ports.includes(port.number)) {
    context.report('IST0101', service, ['host:port', `${host}:${port.number}`], target);
  }
}

/** Per VirtualService, the destinations with a subset whose host is one of its own. */
function subsetHosts(context: AnalysisContext): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const service of context.of('VirtualService')) {
    const { hosts, http } = service.spec;
    const own = http
      .flatMap(({ route }) => route.map(({ destination }) => destination ?? NOWHERE))
      .filter(({ host, subset }) => subset !== '' && hosts.includes(host))
      .map(({ host }) => host);
    if (own.length > 0) found.set(fullName(service), own);
  }
  return found;
}

/** A route of a gateway without a subset passes by what another VirtualService says of subsets. */
function checkSubsetEffect(
  context: AnalysisContext,
  service: VirtualService,
  withSubsets: ReadonlyMap<string, readonly string[]>,
): void {
  if (service.spec.gateways.length === 0) return;
  for (const [index, { name, route }] of service.spec.http.entries()) {
    for (const [routeIndex, { destination }] of route.entries()) {
      if (destination === undefined || destination.subset !== '') continue;
      const rest = [index, 'route', routeIndex, 'destination', 'host'];
      for (const [other, hosts] of withSubsets) {
        for (const host of hosts) {
          if (host !== destination.host) continue;
          // istioctl takes the route's name for the list's: it finds the line of a route named http.
          context.report('IST0140', service, [other, fullName(service)], {
            line: ['spec', name, ...rest],
            at: ['spec', 'http', ...rest],
          });
        }
      }
    }
  }
}

/** @source istio: pkg/config/analysis/analyzers/virtualservice/destinationrules.go */
export const destinationSubsetAnalyzer: Analyzer = {
  name: 'virtualservice.DestinationRuleAnalyzer',
  inputs: ['VirtualService', 'DestinationRule'],
  analyze(context) {
    const subsets = new Set(
      context.of('DestinationRule').flatMap(({ metadata, spec }) => {
        const object = objectOfHost(metadata.namespace, spec.host);
        return spec.subsets.map(({ name }) => `${object}+${name}`);
      }),
    );
    for (const service of context.of('VirtualService')) {
      const { namespace } = service.metadata;
      const check = (targets: readonly Target[], type: string) => {
        for (const target of targets) {
          const { host, subset } = target.destination;
          if (subset === '' || subsets.has(`${objectOfHost(namespace, host)}+${subset}`)) continue;
          const value = `${host}+${subset}`;
          const at = [...target.at.slice(0, -1), 'subset'];
          const parameters = [`${type}+subset in destinationrule`, value];
          context.report('IST0101', service, parameters, { line: target.line, at });
        }
      };
      check(routeTargets(service.spec), 'host');
      check(mirrorTargets(service.spec), 'mirror');
    }
  },
};
