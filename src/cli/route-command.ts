// Regular expressions of routes are asked here, and nobody waits for their engine.
import '#envoy/re2.ts';
import { findProxy, inspectMesh } from '#mesh/proxy-inspection.ts';
import { inspectRoute } from '#mesh/route-inspection.ts';
import { routeText } from '#report/route-text.ts';
import { EXIT } from './exit-code.ts';
import { manifestSources } from './manifest-sources.ts';
import type { ProgramContext } from './program-context.ts';

export interface RouteOptions {
  readonly file: readonly string[];
  readonly from: string;
  readonly request: string;
  readonly header: readonly string[];
  readonly output: string;
  readonly namespace?: string;
}

/** Explains one request: what was tried, what matched, and what applies. */
export function explainRoute(url: string, options: RouteOptions, context: ProgramContext): void {
  const sources = manifestSources(options.file);
  const { mesh, files, diagnostics } = inspectMesh(sources, context.files, undefined);
  if (context.report(diagnostics, files, false)) context.endWith(EXIT.badInput);
  const found = findProxy(mesh.view, options.from, options.namespace);
  if ('problem' in found) {
    context.say(`error: ${found.problem}\n  hint: ${found.hint}`);
    context.endWith(EXIT.badInput);
    return;
  }
  const headers = options.header.map((text) => {
    const colon = text.indexOf(':');
    return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()] as const;
  });
  const inspected = inspectRoute(mesh, found.pod, { method: options.request, url, headers });
  if ('problem' in inspected) {
    context.say(`error: ${inspected.problem}`);
    context.endWith(EXIT.badInput);
    return;
  }
  const { explanation } = inspected;
  if (options.output === 'json')
    context.print(`${JSON.stringify(jsonOf(explanation), undefined, 2)}\n`);
  else context.print(routeText(explanation, context.style));
}

function jsonOf(
  explanation: Extract<ReturnType<typeof inspectRoute>, { explanation: unknown }>['explanation'],
) {
  const { proxy, call, trials, destinations, policies } = explanation;
  return {
    schema: 'meshsim/route/v1',
    proxy,
    error: call.error ?? null,
    listener: call.listener?.name ?? null,
    routeConfiguration: call.routing?.configuration?.name ?? null,
    virtualHost: call.routing?.virtualHost?.xds.name ?? null,
    tried: trials.map(({ route, hasMatched, why, object, at }) => ({
      name: route.name ?? '',
      match: route.match,
      hasMatched,
      why,
      object,
      at: at ?? null,
    })),
    destinations: destinations.map(({ cluster, share, config, endpointCount }) => ({
      cluster,
      sharePercent: share,
      exists: config !== undefined,
      endpointCount,
    })),
    policies: policies.map(({ at, ...policy }) => ({ ...policy, at: at ?? null })),
  };
}
