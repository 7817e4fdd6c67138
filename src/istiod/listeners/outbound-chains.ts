import type { L4MatchAttributes, TlsMatchAttributes } from '#config/istio/virtual-service.ts';
import type { Path } from '#source/path.ts';
import { originOf } from '../clusters/cluster-origins.ts';
import { configMetadata } from '../config-metadata.ts';
import { hostsOverlap } from '../model/host-name.ts';
import { selects } from '../model/labels.ts';
import { MESH_GATEWAY, outboundClusterName } from '../model/names.ts';
import { isTls } from '../model/protocol.ts';
import type { ProxyModel } from '../model/proxy.ts';
import type { Service, ServicePort } from '../model/service.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import { serviceOrigin } from '../routes/route-origins.ts';
import { alternativeHosts } from '../routes/virtual-host-domains.ts';
import { isDynamicDns, sniDynamicDnsFilter } from './dynamic-forward-proxy.ts';
import { ANY_CONNECTION, type FilterChainOptions } from './filter-chain-options.ts';
import { routedTcpFilters, type TcpProxySettings, tcpFilters } from './tcp-proxy.ts';

/** A service's port on a listener, as far as it is not HTTP. */
export interface TcpListenerPart {
  readonly service: Service;
  readonly port: ServicePort;
  /** The address that the listener binds. */
  readonly bind: string;
  /** The address under which this proxy knows the service. */
  readonly serviceAddress: string;
  readonly destinationCidrs: readonly string[];
  readonly virtualServices: readonly VirtualService[];
}

/** For whom the chains are made. */
export interface TcpChainContext {
  readonly proxy: ProxyModel;
  readonly dnsDomain: string;
  readonly wildcardAddress: string;
  readonly tcp: TcpProxySettings;
}

/**
 * The TCP chains of a service's port: those of `tls` routes on a TLS port, of `tcp` routes elsewhere,
 * and the service's own cluster where they leave room.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, buildSidecarOutboundTCPListenerOpts
 */
export function outboundTcpChains(
  part: TcpListenerPart,
  context: TcpChainContext,
): readonly FilterChainOptions[] {
  const own = part.virtualServices.filter(({ hosts }) =>
    hosts.some((host) => hostsOverlap(host, part.service.hostname)),
  );
  const ruled = { ...part, virtualServices: own };
  return isTls(part.port.protocol) ? tlsChains(ruled, context) : tcpChains(ruled, context);
}

/**
 * A chain for every match, by its SNI hosts. Of matches that a connection cannot tell apart the first
 * counts.
 *
 * @source istio: pilot/pkg/networking/core/tls.go, buildSidecarOutboundTLSFilterChainOpts
 */
function tlsChains(part: TcpListenerPart, context: TcpChainContext): FilterChainOptions[] {
  const chains: FilterChainOptions[] = [];
  const handled = new Set<string>();
  let destinationCidrs = part.destinationCidrs;
  for (const virtualService of part.virtualServices) {
    for (const [ruleIndex, { match: matches, route }] of virtualService.spec.tls.entries()) {
      if (route.length === 0) continue;
      for (const [matchIndex, match] of matches.entries()) {
        if (!appliesTo(match, part.port.port, context.proxy)) continue;
        if (match.destinationSubnets.length > 0) destinationCidrs = match.destinationSubnets;
        const key = `${match.sniHosts.join()}|${match.destinationSubnets.join()}`;
        if (handled.has(key)) continue;
        handled.add(key);
        const filters = routedFilters(virtualService, route, part, context);
        const { sniHosts } = match;
        const source = ruleSource(virtualService, ['tls', ruleIndex, 'match', matchIndex]);
        chains.push({ ...ANY_CONNECTION, sniHosts, destinationCidrs, filters, ...source });
      }
    }
  }
  return chains.length > 0 ? chains : [tlsServiceChain(part, context)];
}

function tlsServiceChain(part: TcpListenerPart, context: TcpChainContext): FilterChainOptions {
  const { destinationCidrs } = part;
  const sniHosts = isKnownByName(part, context) ? serverNames(part.service, context) : [];
  const filters = ownFilters(part, context);
  const origin = serviceOrigin(part.service);
  return { ...ANY_CONNECTION, sniHosts, destinationCidrs, filters, origin };
}

/** True where the address alone does not tell the service: then its name must. */
function isKnownByName(part: TcpListenerPart, { wildcardAddress }: TcpChainContext): boolean {
  const address = part.serviceAddress.includes('/') ? '' : part.serviceAddress;
  return (
    part.destinationCidrs.length > 0 ||
    address === '' ||
    (address === wildcardAddress && part.bind === wildcardAddress) ||
    isDynamicDns(part.service)
  );
}

function serverNames({ hostname, aliases }: Service, { dnsDomain }: TcpChainContext): string[] {
  const ofAliases = aliases.flatMap((alias) => [
    alias.hostname,
    ...alternativeHosts(alias.hostname, 0, dnsDomain),
  ]);
  return [hostname, ...ofAliases];
}

/**
 * The first route that applies and looks at no destination ends the list; routes for certain
 * destinations get chains of their own before it.
 *
 * @source istio: the same file, buildSidecarOutboundTCPFilterChainOpts
 */
function tcpChains(part: TcpListenerPart, context: TcpChainContext): FilterChainOptions[] {
  const chains: FilterChainOptions[] = [];
  const { destinationCidrs } = part;
  let hasDefault = false;
  for (const virtualService of part.virtualServices) {
    for (const [ruleIndex, { match: matches, route }] of virtualService.spec.tcp.entries()) {
      if (route.length === 0) continue;
      const applying = matches.filter((match) => appliesTo(match, part.port.port, context.proxy));
      const filters = () => routedFilters(virtualService, route, part, context);
      const isTerminal =
        matches.length === 0 || applying.some((match) => match.destinationSubnets.length === 0);
      if (isTerminal) {
        const source = ruleSource(virtualService, ['tcp', ruleIndex]);
        chains.push({ ...ANY_CONNECTION, destinationCidrs, filters: filters(), ...source });
        return chains;
      }
      const subnets = applying.flatMap((match) => match.destinationSubnets);
      if (subnets.length === 0) continue;
      const { origin } = ruleSource(virtualService, ['tcp', ruleIndex]);
      chains.push({
        ...ANY_CONNECTION,
        destinationCidrs: subnets,
        filters: filters(),
        origin,
      });
      hasDefault ||= subnets.toSorted().join() === destinationCidrs.toSorted().join();
    }
  }
  if (hasDefault) return chains;
  const origin = serviceOrigin(part.service);
  const filters = ownFilters(part, context);
  return [...chains, { ...ANY_CONNECTION, destinationCidrs, filters, origin }];
}

/** The conditions that need no connection, all of them together. @source istio: the same file, matchTCP */
function appliesTo(
  match: L4MatchAttributes | TlsMatchAttributes,
  port: number,
  proxy: ProxyModel,
): boolean {
  return (
    (match.gateways.length === 0 || match.gateways.includes(MESH_GATEWAY)) &&
    selects(match.sourceLabels, proxy.labels) &&
    (match.port === 0 || match.port === port) &&
    (match.sourceNamespace === '' || match.sourceNamespace === proxy.namespace)
  );
}

/** What tells of the rule that a chain was made from. */
function ruleSource(virtualService: VirtualService, path: Path) {
  return {
    metadata: configMetadata('virtual-service', virtualService),
    origin: originOf(virtualService.resource, ['spec', ...path]),
  };
}

function routedFilters(
  { name, namespace }: VirtualService,
  routes: Parameters<typeof routedTcpFilters>[0]['routes'],
  { port: { port, protocol } }: TcpListenerPart,
  { tcp }: TcpChainContext,
) {
  return routedTcpFilters({ routes, port, protocol, statPrefix: `${name}.${namespace}` }, tcp);
}

/** To the service itself; a listener port of a Sidecar need not be the service's only one. */
function ownFilters({ service, port }: TcpListenerPart, { tcp, proxy }: TcpChainContext) {
  const number = service.ports.length === 1 ? service.ports[0]!.port : port.port;
  const cluster = outboundClusterName(number, '', service.hostname);
  const rule = tcp.lookupRule(service.hostname);
  const resolving = isDynamicDns(service) ? [sniDynamicDnsFilter(service, port.port, proxy)] : [];
  const to = { cluster, statPrefix: cluster, subset: '', protocol: port.protocol, rule };
  return [...resolving, ...tcpFilters(to, tcp)];
}
