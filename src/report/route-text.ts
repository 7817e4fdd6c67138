import type { RouteExplanation } from '#mesh/route-inspection.ts';
import type { Place } from '#source/diagnostic.ts';
import { describeMatch } from './proxy-config-routes.ts';
import type { TextStyle } from './text-style.ts';

/** One line of verdict, the routes that were tried, then the policies with their origin. */
export function routeText(explanation: RouteExplanation, style: TextStyle): string {
  const blocks = [
    [style.strong(verdict(explanation))],
    whereabouts(explanation),
    triedLines(explanation, style),
    policyLines(explanation),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function verdict({ call, destinations, proxy }: RouteExplanation): string {
  if (call.error !== undefined) return `${proxy}: ${call.error}${answerOf(call.error)}`;
  const outcome = call.routing?.outcome;
  if (outcome?.kind === 'redirect') return `${proxy}: redirected to ${outcome.location}`;
  if (outcome?.kind === 'direct-response')
    return `${proxy}: answered by the proxy with ${outcome.response.status}`;
  const names = destinations.map(({ cluster, share, config, endpointCount }) => {
    const state =
      config === undefined
        ? ` — no such cluster: ${missingStatus(call)} NC`
        : endpointCount === 0 && config.type === 'EDS'
          ? ' — no endpoint: 503 UH'
          : '';
    return `${share === 100 ? '' : `${Math.round(share * 10) / 10}% `}${cluster}${state}`;
  });
  return `${proxy} sends it to ${names.join(', ') || 'nowhere'}`;
}

/** What a route answers for a cluster that is not there: 503, or 500 by the Gateway API. */
function missingStatus({ routing }: RouteExplanation['call']): number {
  const code = routing?.route?.xds.route?.clusterNotFoundResponseCode;
  return code === 'INTERNAL_SERVER_ERROR' ? 500 : code === 'NOT_FOUND' ? 404 : 503;
}

function answerOf(error: string): string {
  return error === 'no virtual host matched' || error === 'no route matched' ? ': 404 NR' : '';
}

function whereabouts({ call, virtualHostAt }: RouteExplanation): readonly string[] {
  const lines: string[] = [];
  if (call.listener !== undefined) lines.push(`listener      ${call.listener.name}`);
  const { configuration, virtualHost } = call.routing ?? {};
  if (configuration !== undefined) lines.push(`route config  ${configuration.name}`);
  if (virtualHost !== undefined)
    lines.push(`virtual host  ${virtualHost.xds.name}${placeSuffix(virtualHostAt)}`);
  return lines;
}

function triedLines({ trials, call }: RouteExplanation, style: TextStyle): readonly string[] {
  const { held, failed, dot } = style.glyphs;
  const lines = trials.map(({ route, hasMatched, why, object, at }, index) => {
    const mark = hasMatched ? style.good(held) : style.bad(failed);
    const name = route.name === undefined || route.name === '' ? '' : ` "${route.name}"`;
    const reason = hasMatched ? 'matched' : why;
    const from = object === '' ? '' : `  ${object}${placeSuffix(at)}`;
    return `  ${index + 1} ${mark} ${describeMatch(route.match)}${name}: ${reason}${from}`;
  });
  const rest = (call.routing?.virtualHost?.routes ?? []).slice(trials.length);
  const untried = rest.map(
    (route, index) =>
      `  ${trials.length + index + 1} ${dot} ${describeMatch(route.xds.match)}: not tried`,
  );
  return lines.length === 0 ? [] : ['routes', ...lines, ...untried];
}

function policyLines({ policies }: RouteExplanation): readonly string[] {
  if (policies.length === 0) return [];
  const width = Math.max(...policies.map(({ name }) => name.length));
  const lines = policies.map(
    ({ name, value, from, at }) => `  ${name.padEnd(width)}  ${value}  (${from}${placeSuffix(at)})`,
  );
  return ['policies', ...lines];
}

function placeSuffix(at: Place | undefined): string {
  return at === undefined ? '' : ` ${at.file}:${at.line}`;
}
