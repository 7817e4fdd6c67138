import type { IstioEgressListener } from '#config/istio/sidecar.ts';
import type { Sidecar } from '#config/resource.ts';
import { isIpAddress } from '#xds/ip-range.ts';
import type { AccessLog, Listener } from '#xds/listener.ts';
import { type OriginNotes, originOf } from '../clusters/cluster-origins.ts';
import type { EgressListener } from '../model/egress-listener.ts';
import type { IstioEndpoint } from '../model/endpoint.ts';
import { isHttp, isSniffed, isTcp, type Protocol, parseProtocol } from '../model/protocol.ts';
import { type Service, type ServicePort, UNSPECIFIED_ADDRESS } from '../model/service.ts';
import type { VirtualService } from '../model/virtual-service.ts';
import type { Origin } from '../origin.ts';
import { serviceOrigin } from '../routes/route-origins.ts';
import {
  buildConnectionManager,
  type ConnectionManagerSettings,
  delimitedStatPrefix,
} from './connection-manager.ts';
import { isDynamicDns, serviceDynamicDnsFilter } from './dynamic-forward-proxy.ts';
import { ANY_CONNECTION, type FilterChainOptions } from './filter-chain-options.ts';
import { outboundTcpChains, type TcpChainContext } from './outbound-chains.ts';
import {
  joinListener,
  listenerName,
  type OutboundListenerEntry,
} from './outbound-listener-entry.ts';
import { writeOutboundListener } from './outbound-listener-writer.ts';

export interface OutboundListenerContext extends TcpChainContext {
  readonly notes: OriginNotes;
  readonly sidecar: Sidecar | undefined;
  readonly egressListeners: readonly EgressListener[];
  readonly connectionManager: ConnectionManagerSettings;
  /** Of connections that fit no filter chain. */
  readonly listenerAccessLog: readonly AccessLog[];
  readonly proxyListenPort: number;
  readonly proxyInboundListenPort: number;
  /** How long the inspectors may wait for bytes. */
  readonly protocolDetectionTimeout: string;
  /** Where bytes go that fit no chain. */
  readonly unknownTrafficCluster: string;
  readonly isOwnAddress: (address: string) => boolean;
  readonly addressOf: (service: Service) => string;
  readonly endpointsOf: (service: Service, port: number) => readonly IstioEndpoint[];
}

/**
 * The listeners of a sidecar for what its workload calls: one per port for HTTP, one per address and
 * port for TCP. They bind nothing; `virtualOutbound` hands connections over.
 *
 * @source istio: pilot/pkg/networking/core/listener.go, buildSidecarOutboundListeners
 */
export function outboundListeners(context: OutboundListenerContext): Listener[] {
  const builder = new OutboundListenerBuilder(context);
  for (const egress of context.egressListeners) builder.addEgressListener(egress);
  return [...builder.entries.values()].map((entry) => writeOutboundListener(entry, context));
}

/** One service's port as it comes to a listener. */
interface Arrival {
  readonly service: Service;
  readonly port: ServicePort;
  readonly egress: EgressListener;
  /** Those that have a say about connections. */
  readonly virtualServices: readonly VirtualService[];
  /** Empty = by the service's address. */
  readonly bind: string;
  readonly bindsToPort: boolean;
}

class OutboundListenerBuilder {
  readonly entries = new Map<string, OutboundListenerEntry>();
  readonly #context: OutboundListenerContext;

  constructor(context: OutboundListenerContext) {
    this.#context = context;
  }

  addEgressListener(egress: EgressListener): void {
    const written = egress.listener;
    const bindsToPort = this.#bindsToPort(written);
    const bind = written?.bind || (bindsToPort ? LOCALHOST : '');
    const virtualServices = egress.virtualServices.filter(routesConnections);
    const common = { egress, virtualServices, bind, bindsToPort };
    if (written?.port !== undefined) {
      const { number, protocol, name } = written.port;
      const port = { port: number, protocol: parseProtocol(protocol), name };
      if (this.#isReserved(bind, port)) return;
      for (const service of egress.services) this.#add({ ...common, service, port });
      return;
    }
    for (const entry of this.entries.values()) entry.isLocked = true;
    for (const service of egress.services) {
      for (const port of service.ports) {
        if (this.#isReserved(bind, port)) continue;
        this.#addPort({ ...common, service, port });
      }
    }
  }

  #bindsToPort(written: IstioEgressListener | undefined): boolean {
    if (this.#context.proxy.interceptionMode === 'NONE') return true;
    if (written === undefined) return false;
    return written.captureMode === 'NONE' || written.bind.startsWith('unix://');
  }

  /** The proxy's own ports. @source istio: pilot/pkg/model/context.go, conflictWithReservedListener */
  #isReserved(bind: string, { port, protocol }: ServicePort): boolean {
    const isWildcard = bind === '' ? isHttp(protocol) : bind === this.#context.wildcardAddress;
    if (!isWildcard) return false;
    const { proxyListenPort, proxyInboundListenPort } = this.#context;
    return [...STATIC_PORTS, proxyListenPort, proxyInboundListenPort].includes(port);
  }

  /**
   * A service without address whose bytes are not known to be HTTP is told by the addresses of its
   * endpoints: one listener each.
   */
  #addPort(arrival: Arrival): void {
    const { service, port, bind } = arrival;
    const isOpaque = isTcp(port.protocol) || isSniffed(port.protocol);
    const isByEndpoint =
      bind === '' &&
      service.resolution === 'Passthrough' &&
      this.#context.addressOf(service) === UNSPECIFIED_ADDRESS &&
      isOpaque;
    if (!isByEndpoint) {
      this.#add(arrival);
      return;
    }
    const endpoints = this.#context.endpointsOf(service, port.port);
    const isPlainServiceEntry = service.registry !== 'Kubernetes' && service.selector === undefined;
    if (endpoints.length === 0 && isPlainServiceEntry) this.#add(arrival);
    for (const { address } of endpoints) {
      // What a workload sends to itself does not pass its listeners.
      if (!isIpAddress(address) || this.#context.isOwnAddress(address)) continue;
      this.#add({ ...arrival, bind: address });
    }
  }

  #add(arrival: Arrival): void {
    const { service, port } = arrival;
    if (service.resolution === 'Alias' || port.protocol === 'UDP') return;
    const { bind, destinationCidrs } = this.#bindOf(arrival);
    const name = listenerName(bind, port.port);
    const entry = this.entries.get(name);
    if (entry?.isLocked) return;
    const bound = { ...arrival, bind };
    const newcomer = {
      portProtocol: port.protocol,
      httpChain: () => this.#httpChain(bound),
      tcpChains: () => this.#tcpChains(bound, destinationCidrs),
    };
    if (entry !== undefined && port.protocol !== 'HTTP_PROXY') {
      joinListener(entry, newcomer);
      return;
    }
    const { bindsToPort } = arrival;
    const chains = [
      ...(isHttp(port.protocol) ? [] : newcomer.tcpChains()),
      ...(isTcp(port.protocol) ? [] : [newcomer.httpChain()]),
    ];
    const protocol = this.#listenerProtocol(port.protocol, bind);
    this.entries.set(name, {
      bind,
      port: port.port,
      bindsToPort,
      chains,
      protocol,
      isLocked: false,
      origin: this.#originOf(arrival),
    });
  }

  /** The egress listener of a Sidecar that names the port, else the first service on it. */
  #originOf({ service, egress }: Arrival): Origin {
    const { sidecar } = this.#context;
    const { listener } = egress;
    if (sidecar === undefined || listener?.port === undefined) return serviceOrigin(service);
    return originOf(sidecar, ['spec', 'egress', sidecar.spec.egress.indexOf(listener)]);
  }

  /** HTTP shares one wildcard listener per port; TCP has the service's address, a range a match. */
  #bindOf({ service, port, bind }: Arrival) {
    const { wildcardAddress } = this.#context;
    if (bind !== '') return { bind, destinationCidrs: [] };
    if (isHttp(port.protocol)) return { bind: wildcardAddress, destinationCidrs: [] };
    const address = this.#context.addressOf(service);
    return address.includes('/')
      ? { bind: wildcardAddress, destinationCidrs: [address] }
      : { bind: address, destinationCidrs: [] };
  }

  /** An HTTP listener on the wildcard address also takes other bytes, so it counts as sniffing. */
  #listenerProtocol(protocol: Protocol, bind: string): Protocol {
    const isShared = isHttp(protocol) && bind === this.#context.wildcardAddress;
    return isShared && protocol !== 'HTTP_PROXY' ? 'UnsupportedProtocol' : protocol;
  }

  #tcpChains(arrival: Arrival, destinationCidrs: readonly string[]) {
    const serviceAddress = this.#context.addressOf(arrival.service);
    return outboundTcpChains({ ...arrival, serviceAddress, destinationCidrs }, this.#context);
  }

  #connectionManager(service: Service): ConnectionManagerSettings {
    const { connectionManager: settings, proxy } = this.#context;
    if (!isDynamicDns(service)) return settings;
    const resolving = serviceDynamicDnsFilter(service, proxy);
    return { ...settings, outboundFilters: [resolving, ...settings.outboundFilters] };
  }

  /** @source istio: the same file, buildSidecarOutboundHTTPListenerOpts */
  #httpChain({ service, port, bind }: Arrival): FilterChainOptions {
    const isShared = bind === this.#context.wildcardAddress;
    const route =
      isSniffed(port.protocol) && !isShared
        ? `${service.hostname}:${port.port}`
        : port.port === 0
          ? bind
          : String(port.port);
    const filter = buildConnectionManager(
      {
        class: 'sidecar-outbound',
        statPrefix: delimitedStatPrefix(`outbound_${listenerName(bind, port.port)}`),
        route,
        protocol: port.protocol,
      },
      this.#connectionManager(service),
    );
    const isDetected = (isShared && port.protocol !== 'HTTP_PROXY') || isSniffed(port.protocol);
    const detected = {
      applicationProtocols: CLEARTEXT_HTTP,
      transportProtocol: 'raw_buffer',
    } as const;
    return { ...ANY_CONNECTION, ...(isDetected ? detected : {}), filters: [filter] };
  }
}

/** Whether a VirtualService has a say about connections. */
export function routesConnections({ spec }: VirtualService): boolean {
  return spec.tcp.length > 0 || spec.tls.length > 0;
}

const LOCALHOST = '127.0.0.1';
/** What the HTTP inspector calls cleartext HTTP. */
export const CLEARTEXT_HTTP: readonly string[] = ['http/1.1', 'h2c'];
/** Status and metrics ports of the proxy. */
const STATIC_PORTS = [15021, 15090];
