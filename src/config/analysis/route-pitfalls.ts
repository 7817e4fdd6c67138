import type { Path } from '#source/path.ts';
import { member } from '#source/yaml-value.ts';
import type { HttpRoute } from '../istio/virtual-service.ts';
import type { VirtualService } from '../resource.ts';
import { isHttpProtocol } from '../validation/protocol.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { objectOfHost } from './scoped-hosts.ts';
import { declaredProtocol } from './service-ports.ts';

/** Routes of HTTP that do not what they seem to. */
export const routePitfallAnalyzer: Analyzer = {
  name: 'meshsim.RoutePitfalls',
  inputs: ['VirtualService'],
  analyze(context) {
    for (const service of context.of('VirtualService')) {
      for (const [index, route] of service.spec.http.entries()) {
        const path = ['spec', 'http', index];
        checkSingleWeight(context, service, route, path);
        checkRetries(context, service, route, path);
        checkFault(context, service, route, path);
      }
      checkCatchAll(context, service);
    }
  },
};

/** Weights count only between several. @source istio: pilot/pkg/networking/core/route/route.go, applyHTTPRouteDestination */
function checkSingleWeight(
  context: AnalysisContext,
  service: VirtualService,
  { route }: HttpRoute,
  path: Path,
): void {
  const [only] = route;
  if (route.length !== 1 || only?.weight !== 0) return;
  const at = [...path, 'route', 0, 'weight'];
  if (isWritten(service, at))
    context.report('MS0001', service, [only.destination?.host ?? ''], { at });
}

function isWritten({ raw }: VirtualService, path: Path): boolean {
  let here = raw.get(String(path[0]));
  for (const step of path.slice(1))
    here =
      typeof step === 'number' && Array.isArray(here) ? here[step] : member(here, String(step));
  return here !== undefined;
}

const RETRIES_TIMEOUTS = /(?:^|,)(?:5xx|gateway-error|reset)(?:,|$)/;
const DEFAULT_RETRY_ON = 'connect-failure,refused-stream,unavailable,cancelled';

/**
 * A per-try timeout is retried under 5xx, gateway-error and reset only; all tries share the route's
 * timeout.
 *
 * @source envoy: source/common/router/router.cc, onPerTryTimeout; retry_state_impl.cc
 */
function checkRetries(
  context: AnalysisContext,
  service: VirtualService,
  { retries, timeout }: HttpRoute,
  path: Path,
): void {
  const perTry = retries?.perTryTimeout;
  if (retries === undefined || perTry === undefined || retries.attempts <= 0) return;
  const at = [...path, 'retries', 'perTryTimeout'];
  if (timeout !== undefined && perTry >= timeout) {
    context.report('MS0004', service, [shortDuration(perTry), shortDuration(timeout)], { at });
    return;
  }
  const retryOn = retries.retryOn === '' ? DEFAULT_RETRY_ON : retries.retryOn;
  if (!RETRIES_TIMEOUTS.test(retryOn)) {
    const hint = 'add gateway-error or 5xx to retryOn to retry what was too slow';
    context.report('MS0002', service, [shortDuration(perTry), retryOn], { at, hint });
    return;
  }
  const tries = retries.attempts + 1;
  const fitting = timeout === undefined ? tries : Math.floor(timeout / perTry);
  if (fitting >= tries) return;
  const parameters = [tries, shortDuration(perTry), shortDuration(timeout ?? 0), fitting];
  context.report('MS0003', service, parameters, { at });
}

/** `2s`, `250ms`. */
function shortDuration(ns: number): string {
  return ns % 1e9 === 0 ? `${ns / 1e9}s` : `${ns / 1e6}ms`;
}

/** @source istio: pilot/pkg/networking/core/route/route.go, TranslateFault */
function checkFault(
  context: AnalysisContext,
  service: VirtualService,
  { fault, retries }: HttpRoute,
  path: Path,
): void {
  if (fault === undefined) return;
  const kinds = [
    [
      'delay',
      fault.delay !== undefined &&
        fault.delay.percent === 0 &&
        fault.delay.percentage === undefined,
    ],
    ['abort', fault.abort !== undefined && fault.abort.percentage === undefined],
  ] as const;
  for (const [kind, isNothing] of kinds) {
    if (!isNothing) continue;
    const at = [...path, 'fault', kind];
    context.report('MS0006', service, [kind], { at, hint: 'add percentage: {value: 100}' });
  }
  if (retries !== undefined && retries.attempts > 0)
    context.report('MS0014', service, ['retries'], { at: [...path, 'fault'] });
}

/** There is no fall-through to the service. @source istio: pilot/pkg/networking/core/route/route.go */
function checkCatchAll(context: AnalysisContext, service: VirtualService): void {
  const { http, hosts } = service.spec;
  const last = http.at(-1);
  if (last === undefined || hosts.length === 0 || last.match.length === 0) return;
  if (http.some(({ match }) => match.length === 0 || match.some(isCatchAll))) return;
  context.report('MS0008', service, [], { at: ['spec', 'http', http.length - 1, 'match'] });
}

function isCatchAll(match: HttpRoute['match'][number]): boolean {
  const { uri, headers, queryParams, withoutHeaders, method, scheme, authority, port } = match;
  const isAnyPath =
    uri === undefined ||
    uri.prefix === '/' ||
    uri.prefix === '' ||
    ['.*', '/.*'].includes(uri.regex ?? '');
  const isPlain = [method, scheme, authority].every((it) => it === undefined) && port === 0;
  return isAnyPath && isPlain && headers.size + queryParams.size + withoutHeaders.size === 0;
}

/** Rules of HTTP are not read where the port is opaque. @source pilot/pkg/networking/core/listener.go */
export const routeProtocolAnalyzer: Analyzer = {
  name: 'meshsim.RouteProtocol',
  inputs: ['VirtualService', 'Service'],
  analyze(context) {
    for (const virtualService of context.of('VirtualService')) {
      const { http, gateways, hosts } = virtualService.spec;
      const isOfMesh = gateways.length === 0 || gateways.includes('mesh');
      if (http.length === 0 || !isOfMesh) continue;
      for (const [index, host] of hosts.entries()) {
        const [namespace, name] = splitObject(virtualService.metadata.namespace, host);
        const service = context.find('Service', namespace, name);
        checkHostName(context, virtualService, host, index);
        const ports = service?.spec.ports ?? [];
        const protocols = ports.map(declaredProtocol);
        // A port that declares nothing is sniffed, and so may carry HTTP.
        const isOpaque = protocols.every((it) => it !== undefined && !isHttpProtocol(it));
        if (service === undefined || ports.length === 0 || !isOpaque) continue;
        const list = [...new Set(protocols)].join(', ').toUpperCase();
        const at = ['spec', 'hosts', index];
        context.report('MS0007', virtualService, [fullName(service), list], { at });
      }
    }
  },
};

/** `web.shop` is not completed to `web.shop.svc.cluster.local`. @source istio: pkg/config/resource/host.go */
function checkHostName(
  context: AnalysisContext,
  virtualService: VirtualService,
  host: string,
  index: number,
): void {
  const [name, namespace, ...rest] = host.split('.');
  if (namespace === undefined || rest.length > 0) return;
  if (context.find('Service', namespace, name!) === undefined) return;
  context.report('MS0013', virtualService, [host, `${namespace}/${name}`], {
    at: ['spec', 'hosts', index],
    hint: `write ${name}.${namespace}.svc.cluster.local`,
  });
}

function splitObject(namespace: string, host: string): readonly [string, string] {
  const object = objectOfHost(namespace, host);
  const slash = object.indexOf('/');
  return [object.slice(0, slash), object.slice(slash + 1)];
}
