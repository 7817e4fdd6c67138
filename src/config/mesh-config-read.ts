import type { Diagnostic } from '#source/diagnostic.ts';
import { formatPath } from '#source/path.ts';
import { readShape, type ShapeProblem } from '#source/shape-read.ts';
import type { YamlDocument } from '#source/yaml-document.ts';
import { readYaml } from '#source/yaml-read.ts';
import { member, type YamlValue } from '#source/yaml-value.ts';
import type { ConfigCode } from './codes.ts';
import {
  type MeshConfigSpec,
  meshConfigShape,
  type ProxyDefaults,
  proxyDefaultsShape,
} from './istio/mesh-config.ts';
import type { Resource } from './resource.ts';
import { groupOf } from './resource-kinds.ts';
import type { ResourceStore } from './resource-store.ts';

const CONFIG_MAP = /^istio(?:-.+)?$/;

/** Reads a mesh configuration written as such: a scenario's `meshConfig`, a file of its own. */
export function readMeshConfig(
  document: YamlDocument,
  diagnostics: Diagnostic[],
): MeshConfigSpec | undefined {
  const problems: ShapeProblem[] = [];
  const spec = readShape(meshConfigShape, document.value, [], problems);
  for (const problem of problems)
    diagnostics.push(meshConfigDiagnostic(problem, document.placeOf(problem.path, problem.part)));
  return spec;
}

/**
 * The mesh configuration among the objects of a cluster: `data.mesh` of the ConfigMap `istio` (or
 * `istio-REVISION`) in a namespace `istio-*`, else `spec.meshConfig` of an IstioOperator.
 */
export function meshConfigOf(
  store: ResourceStore,
  diagnostics: Diagnostic[],
): MeshConfigSpec | undefined {
  for (const map of store.of('ConfigMap')) {
    const text = map.spec.data.get('mesh');
    if (text === undefined || !CONFIG_MAP.test(map.metadata.name)) continue;
    return readEmbedded(map, text, diagnostics);
  }
  for (const other of store.others) {
    if (groupOf(other.apiVersion) !== 'install.istio.io') continue;
    const value = member(other.raw.get('spec'), 'meshConfig');
    if (value !== undefined) return readAt(other, ['spec', 'meshConfig'], value, diagnostics);
  }
  return undefined;
}

/** The annotation `proxy.istio.io/config` of a pod or pod template: YAML text. */
export function proxyDefaultsOf(annotation: string): ProxyDefaults | undefined {
  const [document] = readYaml(ANNOTATION, annotation, 'kubernetes').documents;
  return readShape(proxyDefaultsShape, document?.value, [], []);
}
const ANNOTATION = 'proxy.istio.io/config';

function readEmbedded(
  map: Resource,
  text: string,
  diagnostics: Diagnostic[],
): MeshConfigSpec | undefined {
  const path = ['data', 'mesh'];
  const { documents, diagnostics: syntax } = readYaml('mesh', text, 'kubernetes');
  for (const problem of syntax) {
    const code: ConfigCode = 'MS0128';
    diagnostics.push({ ...problem, code, at: map.placeOf(path) });
  }
  const problems: ShapeProblem[] = [];
  const spec = readShape(meshConfigShape, documents[0]?.value, [], problems);
  for (const problem of problems)
    diagnostics.push(meshConfigDiagnostic(problem, map.placeOf(path)));
  return spec;
}

function readAt(
  resource: Resource,
  path: readonly string[],
  value: YamlValue,
  diagnostics: Diagnostic[],
): MeshConfigSpec | undefined {
  const problems: ShapeProblem[] = [];
  const spec = readShape(meshConfigShape, value, path, problems);
  for (const problem of problems)
    diagnostics.push(meshConfigDiagnostic(problem, resource.placeOf(problem.path, problem.part)));
  return spec;
}

function meshConfigDiagnostic(problem: ShapeProblem, at: Diagnostic['at']): Diagnostic {
  const code: ConfigCode = 'MS0128';
  const message = `MeshConfig: ${formatPath(problem.path)}: ${problem.message}`;
  const hint = problem.hint === undefined ? {} : { hint: problem.hint };
  return { code, severity: 'error', message, at, ...hint };
}
