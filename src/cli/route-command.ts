// Regular expressions of routes are asked here, and nobody waits for their engine.
import '#envoy/re2.ts';
import { inspectDumpedRoute } from '#mesh/dumped-route.ts';
import { findProxy } from '#mesh/proxy-inspection.ts';
import { routeRules } from '#mesh/route-coverage.ts';
import {
  type InspectedRequest,
  type InspectedRoute,
  inspectRoute,
} from '#mesh/route-inspection.ts';
import { readRouteTable } from '#mesh/route-table.ts';
import { runRouteTable } from '#mesh/route-table-run.ts';
import { coveragePercent, routeCoverageText, routeTableText } from '#report/route-table-text.ts';
import { routeText } from '#report/route-text.ts';
import { readYaml } from '#source/yaml-read.ts';
import { EXIT } from './exit-code.ts';
import { inspectedMesh } from './inspected-mesh.ts';
import type { ProgramContext } from './program-context.ts';
import { dumpOf, usage } from './proxy-source.ts';

export interface RouteOptions {
  readonly file: readonly string[];
  readonly from?: string;
  readonly request: string;
  readonly header: readonly string[];
  readonly output: string;
  readonly namespace?: string;
  readonly table?: readonly string[];
  readonly coverage?: boolean;
  readonly coverageFailUnder?: number;
  readonly istioVersion?: string;
}

/** Explains one request: what was tried, what matched, and what applies. */
export function explainRoute(
  written: string | undefined,
  given: RouteOptions,
  context: ProgramContext,
): void {
  // `-f FILES` takes everything up to the next option, a URL behind it too.
  const last = written === undefined ? given.file.at(-1) : undefined;
  const isUrl = last?.includes('://') === true;
  const url = isUrl ? last : written;
  const options = isUrl ? { ...given, file: given.file.slice(0, -1) } : given;
  if (options.table !== undefined) {
    checkRouteTable(options.table, options, context);
    return;
  }
  const dump = dumpOf(options.file, context);
  if (url === undefined || (options.from === undefined && dump === undefined)) {
    usage('no request to explain', 'meshsim route -f FILES --from PROXY URL', context);
    return;
  }
  const request = { method: options.request, url, headers: headersOf(options) };
  const inspected =
    dump === undefined
      ? inspectManifests(request, options, context)
      : inspectDumpedRoute(dump.state, dump.name, request);
  if (inspected === undefined) return;
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

/** Undefined after saying what is wrong. */
function inspectManifests(
  request: InspectedRequest,
  options: RouteOptions,
  context: ProgramContext,
): InspectedRoute | undefined {
  const { mesh, files, diagnostics } = inspectedMesh(options.file, options.istioVersion, context);
  if (context.report(diagnostics, files, false)) context.endWith(EXIT.badInput);
  const found = findProxy(mesh.view, options.from ?? '', options.namespace);
  if (!('problem' in found)) return inspectRoute(mesh, found.pod, request);
  usage(found.problem, found.hint, context);
  return undefined;
}

function headersOf({ header }: RouteOptions): InspectedRequest['headers'] {
  return header.map((text) => {
    const colon = text.indexOf(':');
    return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()] as const;
  });
}

/** Runs tables of requests with wanted destinations. */
function checkRouteTable(
  tables: readonly string[],
  options: RouteOptions,
  context: ProgramContext,
): void {
  const { mesh, files, diagnostics } = inspectedMesh(options.file, options.istioVersion, context);
  const problems = [...diagnostics];
  const requests = tables.flatMap((path) => {
    const content = context.files.readFile(path);
    if ('problem' in content) {
      usage(`${path}: ${content.problem}`, 'a table of testCases (YAML)', context);
      return [];
    }
    const read = readYaml(path, content.text, 'kubernetes');
    problems.push(...read.diagnostics);
    return read.documents.flatMap((document) =>
      readRouteTable(document, options.from ?? '', problems),
    );
  });
  if (context.report(problems, files, false)) context.endWith(EXIT.badInput);
  const outcomes = runRouteTable(mesh, requests, options.namespace);
  const rules = routeRules(mesh.view.store);
  const exercised = new Set(outcomes.flatMap((outcome) => outcome.rules));
  const percent = coveragePercent(rules, exercised);
  const wantsCoverage = options.coverage === true || options.coverageFailUnder !== undefined;
  if (options.output === 'json') {
    const document = {
      schema: 'meshsim/route-table/v1',
      cases: outcomes.map(({ request, holds, went }) => ({
        description: request.description,
        from: request.from,
        method: request.method,
        url: request.url,
        holds,
        went,
        at: request.at,
      })),
      coverage: { percent, notExercised: rules.filter(({ key }) => !exercised.has(key)) },
    };
    context.print(`${JSON.stringify(document, undefined, 2)}\n`);
  } else {
    context.print(routeTableText(outcomes, context.style));
    if (wantsCoverage) context.print(`\n${routeCoverageText(rules, exercised, context.style)}`);
  }
  const isCovered = percent >= (options.coverageFailUnder ?? 0);
  if (outcomes.some(({ holds }) => !holds) || !isCovered) context.endWith(EXIT.failed);
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
