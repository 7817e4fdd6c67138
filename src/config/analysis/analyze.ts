import { compareText } from '#source/compare-text.ts';
import type { MeshConfigSpec } from '../istio/mesh-config.ts';
import type { Resource } from '../resource.ts';
import { isIstioKind, kindOfObject, RESOURCE_KINDS } from '../resource-kinds.ts';
import { ResourceStore } from '../resource-store.ts';
import { admissionFindings } from '../validation/admission.ts';
import { decodeProblem } from '../validation/decode.ts';
import { kubernetesShapeFindings } from '../validation/kubernetes-shape.ts';
import {
  AnalysisContext,
  type AnalysisMessage,
  type AnalysisMode,
  type Analyzer,
  fullName,
} from './analysis-context.ts';
import { ANALYZERS, PITFALL_ANALYZERS } from './analyzers.ts';
import { impliedObjects } from './implied-workloads.ts';

/** Kinds that files need not tell. @source istio: …/legacy/util/kuberesource/resources.go, knownTypes */
const RUNTIME_KINDS = new Set(['Service', 'Namespace', 'Node', 'Pod', 'Secret']);
/** @source istio: pkg/kube/inject/inject.go, IgnoredNamespaces */
const IGNORED_NAMESPACES = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);

export interface AnalysisOptions {
  readonly mode: AnalysisMode;
  readonly meshConfig?: MeshConfigSpec | undefined;
}

/**
 * What `istioctl analyze` says of these objects, sorted as it sorts. In the mode `files` the kinds that
 * only a cluster knows are not looked at.
 */
export function analyze(
  resources: ResourceStore,
  options: AnalysisOptions,
): readonly AnalysisMessage[] {
  return sortedMessages(run(ANALYZERS, resources, options));
}

/**
 * Everything that meshsim has to say: istioctl's messages, what the API server would refuse, and what is
 * valid and yet does not what it seems to (`MS…`). In the mode `cluster` workloads have pods, and Istio's
 * ingress gateway is there, though the objects given may not say so.
 */
export function analyzeAll(
  resources: ResourceStore,
  options: AnalysisOptions,
): readonly AnalysisMessage[] {
  const analyzers = [...ANALYZERS, ...PITFALL_ANALYZERS];
  const implied = options.mode === 'cluster' ? impliedObjects(resources) : [];
  const isImplied = new Set(implied);
  const found = run(analyzers, resources.with(implied), options);
  const refused = resources.all().flatMap(refusals).filter(isShown);
  return sortedMessages([...found.filter(({ resource }) => !isImplied.has(resource)), ...refused]);
}

function run(
  analyzers: readonly Analyzer[],
  resources: ResourceStore,
  { mode, meshConfig }: AnalysisOptions,
): readonly AnalysisMessage[] {
  const isFiles = mode === 'files';
  const seen = resources.all().filter((resource) => isLookedAt(resource, isFiles));
  const context = new AnalysisContext(ResourceStore.EMPTY.with(seen), mode, meshConfig);
  for (const analyzer of analyzers)
    if (!isFiles || !analyzer.inputs.some((kind) => RUNTIME_KINDS.has(kind)))
      analyzer.analyze(context);
  return context.messages.filter(isShown);
}

/** What a cluster would refuse and istioctl passes over: unknown fields, rules of the schema. */
function refusals(resource: Resource): readonly AnalysisMessage[] {
  return [...admissionFindings(resource), ...kubernetesShapeFindings(resource)]
    .filter(({ code }) => code.startsWith('MS'))
    .map(({ code, message, path, hint }) => ({
      code,
      level: 'Error',
      message,
      resource,
      line: resource.placeOf(path).line,
      at: resource.placeOf(path, code === 'MS0120' ? 'key' : 'value'),
      ...(hint === undefined ? {} : { hint }),
    }));
}

/** What can not be decoded is not stored: it is an error of its own, not the analyzers'. */
function isLookedAt(resource: Resource, isFiles: boolean): boolean {
  const { namespace, name } = resource.metadata;
  const where = resource.kind === 'Namespace' ? name : namespace;
  const isHidden = isFiles && RUNTIME_KINDS.has(resource.kind);
  return !isHidden && !IGNORED_NAMESPACES.has(where) && unreadable(resource) === undefined;
}

/** Why istioctl could not read an object, in its words. */
export function unreadable({ apiVersion, kind, raw }: Resource): string | undefined {
  const known = kindOfObject(apiVersion, kind);
  if (known === undefined || !isIstioKind(known)) return undefined;
  const problem = decodeProblem(RESOURCE_KINDS[known].spec, raw.get('spec'));
  return problem === undefined ? undefined : `failed parsing JSON for built-in type: ${problem}`;
}

const SUPPRESS = 'galley.istio.io/analyze-suppress';

/** An annotation of the object may silence codes, or all. */
function isShown({ code, resource }: AnalysisMessage): boolean {
  const codes = resource.metadata.annotations.get(SUPPRESS)?.split(',') ?? [];
  return !codes.includes('*') && !codes.includes(code);
}

const LEVEL_ORDER = { Error: 0, Warning: 1, Info: 2 } as const;

/** Sorted and each once. @source istio: pkg/config/analysis/diag/messages.go, SortedDedupedCopy */
function sortedMessages(messages: readonly AnalysisMessage[]): readonly AnalysisMessage[] {
  const keyed = messages.map((message) => ({ message, text: messageText(message) }));
  keyed.sort(
    (a, b) =>
      LEVEL_ORDER[a.message.level] - LEVEL_ORDER[b.message.level] ||
      compareText(a.message.code, b.message.code) ||
      compareText(comparator(a.message.resource), comparator(b.message.resource)) ||
      compareText(a.text, b.text),
  );
  return keyed
    .filter(({ text }, index) => index === 0 || keyed[index - 1]!.text !== text)
    .map(({ message }) => message);
}

function comparator({ kind, metadata }: Resource): string {
  return `${kind}/${metadata.name}/${metadata.namespace}`;
}

/** `VirtualService default/reviews`. */
export function originOf({ resource }: AnalysisMessage): string {
  return `${resource.kind} ${fullName(resource)}`;
}

/** istioctl's line: `Error [IST0101] (VirtualService default/reviews vs.yaml:14) Referenced …`. */
export function messageText(message: AnalysisMessage): string {
  const start = message.resource.placeOf([]);
  const reference = start.file.endsWith('.json')
    ? start.file
    : `${start.file}:${message.line ?? start.line}`;
  return `${message.level} [${message.code}] (${originOf(message)} ${reference}) ${message.message}`;
}
