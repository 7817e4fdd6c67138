import type { ServerTlsSettings } from '../istio/gateway.ts';
import type { Gateway, Service } from '../resource.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { firstKey, selectorText, selects } from './label-selector.ts';
import { splitName } from './virtual-service-gateways.ts';

function reportSelector(context: AnalysisContext, gateway: Gateway): void {
  const { selector } = gateway.spec;
  const line = ['spec', 'selector', firstKey(selector)];
  context.report('IST0101', gateway, ['selector', selectorText(selector)], { line });
}

/** @source istio: pkg/config/analysis/analyzers/gateway/gateway.go */
export const gatewayPortAnalyzer: Analyzer = {
  name: 'gateway.IngressGatewayPortAnalyzer',
  inputs: ['Gateway', 'Pod', 'Service'],
  analyze(context) {
    for (const gateway of context.of('Gateway')) {
      const { selector, servers } = gateway.spec;
      const pods = context.of('Pod').filter(({ metadata }) => selects(selector, metadata.labels));
      if (pods.length === 0) {
        reportSelector(context, gateway);
        continue;
      }
      const services = context
        .of('Service')
        .filter(({ metadata, spec }) =>
          pods.some(
            (pod) =>
              pod.metadata.namespace === metadata.namespace &&
              selects(spec.selector, pod.metadata.labels),
          ),
        );
      const ports = new Set(services.flatMap(reachablePorts));
      for (const [index, { port }] of servers.entries()) {
        if (port === undefined || ports.has(port.number)) continue;
        context.report('IST0162', gateway, [port.number, selectorText(selector)], {
          line: ['spec', 'selector', firstKey(selector)],
          at: ['spec', 'servers', index, 'port', 'number'],
        });
      }
    }
  },
};

/** The ports that a gateway may listen on, as a Service gives them: its own and its target ports. */
function reachablePorts({ spec }: Service): readonly number[] {
  return spec.ports
    .filter(({ protocol }) => protocol === 'TCP')
    .flatMap(({ port, targetPort }) => {
      const target = typeof targetPort === 'number' ? targetPort : Number(targetPort ?? 0);
      return target > 0 ? [port, target] : [port];
    });
}

/** @source istio: pkg/config/analysis/analyzers/gateway/certificate.go */
export const gatewayCertificateAnalyzer: Analyzer = {
  name: 'gateway.CertificateAnalyzer',
  inputs: ['Gateway'],
  analyze(context) {
    const gateways = context.of('Gateway');
    for (const gateway of gateways) {
      for (const other of gateways) {
        if (other === gateway || !selects(gateway.spec.selector, other.spec.selector)) continue;
        for (const [index, server] of gateway.spec.servers.entries()) {
          for (const { tls } of other.spec.servers) {
            if (!isSameCertificate(server.tls, tls)) continue;
            context.report('IST0138', gateway, [[fullName(gateway), fullName(other)]], {
              line: ['metadata', 'name'],
              at: ['spec', 'servers', index, 'tls'],
            });
          }
        }
      }
    }
  },
};

function isSameCertificate(
  first: ServerTlsSettings | undefined,
  second: ServerTlsSettings | undefined,
): boolean {
  if (first === undefined || second === undefined) return false;
  const { credentialName, serverCertificate, privateKey } = first;
  if (credentialName !== '' || second.credentialName !== '')
    return credentialName === second.credentialName;
  return (
    serverCertificate !== '' &&
    serverCertificate === second.serverCertificate &&
    privateKey !== '' &&
    privateKey === second.privateKey
  );
}

/** Whether a Secret is valid is not looked at. @source pkg/config/analysis/analyzers/gateway/secret.go */
export const gatewaySecretAnalyzer: Analyzer = {
  name: 'gateway.SecretAnalyzer',
  inputs: ['Gateway', 'Pod', 'Secret'],
  analyze(context) {
    for (const gateway of context.of('Gateway')) {
      const { selector, servers } = gateway.spec;
      const pod = context.of('Pod').find(({ metadata }) => selects(selector, metadata.labels));
      if (pod === undefined) {
        reportSelector(context, gateway);
        continue;
      }
      for (const [index, { tls }] of servers.entries()) {
        const credential = tls?.credentialName ?? '';
        if (credential === '') continue;
        const [namespace, name] = splitName(pod.metadata.namespace, credential);
        if (context.find('Secret', namespace, name) !== undefined) continue;
        const line = ['spec', 'servers', index, 'tls', 'credentialName'];
        context.report('IST0101', gateway, ['credentialName', credential], { line });
      }
    }
  },
};

/** Hosts and their binds, of one gateway on one port. */
type HostBinds = ReadonlyMap<string, string>;

/** @source istio: pkg/config/analysis/analyzers/gateway/conflictinggateway.go */
export const conflictingGatewayAnalyzer: Analyzer = {
  name: 'gateway.ConflictingGatewayAnalyzer',
  inputs: ['Gateway', 'Pod'],
  analyze(context) {
    const gateways = context.of('Gateway');
    for (const gateway of gateways) {
      const rivals = gateways.filter(
        (other) => other !== gateway && sharePods(context, gateway, other),
      );
      for (const [index, server] of gateway.spec.servers.entries()) {
        const port = server.port?.number ?? 0;
        const names = rivals
          .filter((rival) => {
            const taken = bindsOn(rival, port);
            return server.hosts.some((host) => taken.get(host) === server.bind);
          })
          .map(fullName)
          .sort();
        if (names.length === 0) continue;
        const { selector } = gateway.spec;
        const hosts = server.hosts.join(',');
        const parameters = [names.join(','), selectorText(selector), String(port), hosts];
        context.report('IST0145', gateway, parameters, { at: ['spec', 'servers', index, 'hosts'] });
      }
    }
  },
};

/** Equal selectors, or one within the other and a pod that both select. */
function sharePods(context: AnalysisContext, gateway: Gateway, other: Gateway): boolean {
  const own = selectorText(gateway.spec.selector);
  const its = selectorText(other.spec.selector);
  if (own === its) return true;
  if (!own.includes(its) && !its.includes(own)) return false;
  return context
    .of('Pod')
    .some(
      ({ metadata }) =>
        selects(gateway.spec.selector, metadata.labels) &&
        selects(other.spec.selector, metadata.labels),
    );
}

/** Of several servers on one port, istioctl remembers the last. */
function bindsOn({ spec }: Gateway, port: number): HostBinds {
  const server = spec.servers.findLast((it) => (it.port?.number ?? 0) === port);
  return new Map((server?.hosts ?? []).map((host) => [host, server!.bind]));
}
