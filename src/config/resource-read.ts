import type { Diagnostic } from '#source/diagnostic.ts';
import { formatPath } from '#source/path.ts';
import { readShape, type ShapeProblem } from '#source/shape-read.ts';
import type { YamlDocument } from '#source/yaml-document.ts';
import { isMapping, isSequence, textMember, type YamlMapping } from '#source/yaml-value.ts';
import type { ConfigCode } from './codes.ts';
import { type ObjectMeta, objectMetaShape } from './kubernetes/object-meta.ts';
import type { Resource } from './resource.ts';
import { groupOf, kindOfObject, RESOURCE_KINDS, type ResourceKind } from './resource-kinds.ts';

const PROBLEM_CODES: Readonly<Record<ShapeProblem['kind'], ConfigCode>> = {
  'unknown-field': 'MS0120',
  'wrong-type': 'MS0121',
  'not-in-enum': 'MS0122',
  'bad-duration': 'MS0123',
  'duplicate-field': 'MS0124',
};

/** Lists within lists deeper than this are no dump of a cluster. */
const MAX_LIST_DEPTH = 3;

/**
 * The resources that one document holds: none when it is empty, several when it is a `kind: List`.
 * `defaultNamespace` is that of a namespaced object which names none.
 */
export function readResources(
  document: YamlDocument,
  defaultNamespace: string,
  diagnostics: Diagnostic[],
  listDepth = 0,
): readonly Resource[] {
  if (document.value === null) return [];
  if (!isMapping(document.value)) {
    diagnostics.push(noObject(document, 'the document is no Kubernetes object'));
    return [];
  }
  const items = document.value.get('items');
  if (isListKind(document.value) && isSequence(items) && listDepth < MAX_LIST_DEPTH)
    return items.flatMap((_, index) =>
      readResources(document.at(['items', index]), defaultNamespace, diagnostics, listDepth + 1),
    );
  const resource = readResource(document, document.value, defaultNamespace, diagnostics);
  return resource === undefined ? [] : [resource];
}

/** `List`, `PodList`, `VirtualServiceList`: what `kubectl get -o yaml` prints. */
function isListKind(value: YamlMapping): boolean {
  return (textMember(value, 'kind') ?? '').endsWith('List');
}

function readResource(
  document: YamlDocument,
  raw: YamlMapping,
  defaultNamespace: string,
  diagnostics: Diagnostic[],
): Resource | undefined {
  const apiVersion = textMember(raw, 'apiVersion');
  const kind = textMember(raw, 'kind');
  if (apiVersion === undefined || kind === undefined) {
    const missing = kind === undefined ? 'kind' : 'apiVersion';
    diagnostics.push(
      noObject(document, `the document is no Kubernetes object: ${missing} not set`),
    );
    return undefined;
  }
  const problems: ShapeProblem[] = [];
  const known = kindOfObject(apiVersion, kind);
  const table: ResourceKind | undefined = known && RESOURCE_KINDS[known];
  const isNamespaced = table?.isNamespaced ?? isNamespacedElsewhere(apiVersion, kind);
  const metadata = readMetadata(raw, isNamespaced, defaultNamespace, problems);
  const body = table === undefined ? undefined : readBody(raw, table, problems);
  for (const problem of problems) diagnostics.push(shapeDiagnostic(document, kind, problem));
  if (table !== undefined)
    checkIdentity(document, { apiVersion, kind, metadata, table }, diagnostics);
  return {
    kind,
    apiVersion,
    metadata,
    spec: body?.spec,
    status: body?.status,
    raw,
    placeOf: (path, part) => document.placeOf(path, part),
  };
}

/** Of kinds that have no table here: those of Istio and of the Gateway API are known all the same. */
function isNamespacedElsewhere(apiVersion: string, kind: string): boolean | undefined {
  const group = groupOf(apiVersion);
  if (group.endsWith('.istio.io')) return true;
  return group === 'gateway.networking.k8s.io' ? kind !== 'GatewayClass' : undefined;
}

function readMetadata(
  raw: YamlMapping,
  isNamespaced: boolean | undefined,
  defaultNamespace: string,
  problems: ShapeProblem[],
): ObjectMeta {
  const found = readShape(
    objectMetaShape,
    raw.get('metadata') ?? new Map(),
    ['metadata'],
    problems,
  );
  const metadata = found ?? readShape(objectMetaShape, new Map(), [], []);
  // What the kind of an unknown object is scoped to is not known either: it keeps what it says.
  if (isNamespaced === undefined || metadata === undefined) return metadata!;
  if (!isNamespaced) return { ...metadata, namespace: '' };
  return metadata.namespace === '' ? { ...metadata, namespace: defaultNamespace } : metadata;
}

function readBody(
  raw: YamlMapping,
  table: ResourceKind,
  problems: ShapeProblem[],
): { spec: unknown; status: unknown } {
  const isRoot = table.specAt === 'root';
  const written = isRoot ? raw : (raw.get('spec') ?? new Map());
  const base = isRoot ? [] : ['spec'];
  // A spec of a wrong type is reported, and read as an empty one.
  const spec = readShape(table.spec, written, base, problems);
  const status = readShape(table.status, raw.get('status'), ['status'], problems);
  return { spec: spec ?? readShape(table.spec, new Map(), base, []), status };
}

function checkIdentity(
  document: YamlDocument,
  it: { apiVersion: string; kind: string; metadata: ObjectMeta; table: ResourceKind },
  diagnostics: Diagnostic[],
): void {
  const { apiVersion, kind, metadata, table } = it;
  if (metadata.name === '' && metadata.generateName === '')
    diagnostics.push(noObject(document, `${kind}: metadata.name is missing`, ['metadata']));
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  if (!table.group.endsWith('.istio.io') || table.versions.includes(version)) return;
  diagnostics.push({
    code: 'MS0129' satisfies ConfigCode,
    severity: 'error',
    message: `no matches for kind "${kind}" in version "${apiVersion}"`,
    at: document.placeOf(['apiVersion']),
    hint: `write apiVersion: ${table.group}/${table.versions[0]}`,
  });
}

function noObject(
  document: YamlDocument,
  message: string,
  path: readonly string[] = [],
): Diagnostic {
  const code: ConfigCode = 'MS0125';
  return { code, severity: 'error', message, at: document.placeOf(path) };
}

function shapeDiagnostic(document: YamlDocument, kind: string, problem: ShapeProblem): Diagnostic {
  const text = formatPath(problem.path);
  const message =
    problem.kind === 'unknown-field'
      ? `strict decoding error: unknown field "${text}"`
      : `${kind}: ${text}: ${problem.message}`;
  return {
    code: PROBLEM_CODES[problem.kind],
    severity: 'error',
    message,
    at: document.placeOf(problem.path, problem.part),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  };
}
