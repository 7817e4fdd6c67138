import { configOf, findProxy } from '#mesh/proxy-inspection.ts';
import type { ProxyState } from '#report/proxy-state.ts';
import { readConfigDump } from '#xds/config-dump.ts';
import { EXIT } from './exit-code.ts';
import { inspectedMesh } from './inspected-mesh.ts';
import type { ProgramContext } from './program-context.ts';

/** Which proxy is meant, and where its configuration comes from. */
export interface ProxyRequest {
  readonly file: readonly string[];
  /** None for a config dump, which is one proxy's. */
  readonly proxy: string | undefined;
  readonly namespace: string | undefined;
  readonly istioVersion: string | undefined;
}

export interface FoundState {
  readonly name: string;
  readonly state: ProxyState;
  readonly isDump: boolean;
}

/**
 * The configuration of one proxy: translated from manifests, or read from the config dump of a live
 * one. What is wrong has been said when there is none.
 */
export function proxyState(request: ProxyRequest, context: ProgramContext): FoundState | undefined {
  const dump = dumpOf(request.file, context);
  if (dump !== undefined) return dump;
  if (request.proxy === undefined) {
    usage('no proxy is named', 'POD, POD.NAMESPACE or deploy/NAME', context);
    return undefined;
  }
  const { mesh, files, diagnostics } = inspectedMesh(request.file, request.istioVersion, context);
  if (context.report(diagnostics, files, false)) context.endWith(EXIT.badInput);
  const found = findProxy(mesh.view, request.proxy, request.namespace);
  if ('problem' in found) {
    usage(found.problem, found.hint, context);
    return undefined;
  }
  const config = configOf(mesh, found.pod);
  const state = { ...config, endpoints: [...config.endpoints.values()] };
  return { name: `${found.pod.name}.${found.pod.namespace}`, state, isDump: false };
}

/** The state in a config dump, when the only file is one. */
export function dumpOf(files: readonly string[], context: ProgramContext): FoundState | undefined {
  const [path, another] = files;
  if (path === undefined || another !== undefined || !path.endsWith('.json')) return undefined;
  const content = context.files.readFile(path);
  const json = 'text' in content ? parsed(content.text) : undefined;
  if (typeof json !== 'object' || json === null || !('configs' in json)) return undefined;
  const { listeners, clusters, routeConfigurations, loadAssignments, problems } =
    readConfigDump(json);
  for (const { severity, message, path: at } of problems)
    if (severity === 'error') context.say(`${path}: ${at}: ${message}`);
  if (problems.some(({ severity }) => severity === 'error')) context.endWith(EXIT.badInput);
  const state = { listeners, clusters, routes: routeConfigurations, endpoints: loadAssignments };
  return { name: path, state, isDump: true };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function usage(problem: string, hint: string, context: ProgramContext): void {
  context.say(`error: ${problem}\n  hint: ${hint}`);
  context.endWith(EXIT.badInput);
}
