import { readYaml } from '#source/yaml-read.ts';
import { isMapping, isSequence, member, textMember, type YamlValue } from '#source/yaml-value.ts';
import type { PodSpec } from '../kubernetes/pod.ts';
import type { ResourceOf } from '../resource.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { PROXY_CONTAINER, proxyImage } from './in-mesh.ts';

const INJECTION = 'istio-injection';
const REVISION = 'istio.io/rev';
const DATAPLANE = 'istio.io/dataplane-mode';
const INJECT = 'sidecar.istio.io/inject';

/** @source istio: pkg/config/analysis/analyzers/injection/injection.go */
export const injectionAnalyzer: Analyzer = {
  name: 'injection.Analyzer',
  inputs: ['Namespace', 'Pod', 'ConfigMap'],
  analyze(context) {
    const injected = new Set<string>();
    for (const namespace of context.of('Namespace')) {
      const { name, labels } = namespace.metadata;
      if (name === 'istio-system') continue;
      checkLabels(context, namespace);
      if (labels.get(DATAPLANE) === 'ambient') continue;
      const label = labels.get(INJECTION) ?? '';
      if (label === '' && !labels.has(REVISION)) reportNotInjected(context, namespace);
      else if (label === 'enabled') injected.add(name);
    }
    for (const pod of context.of('Pod'))
      if (injected.has(pod.metadata.namespace) && lacksProxy(pod))
        context.report('IST0103', pod, [fullName(pod)]);
  },
};

function checkLabels(context: AnalysisContext, namespace: ResourceOf<'Namespace'>): void {
  const { labels } = namespace.metadata;
  const injection = labels.get(INJECTION);
  const found = injection === undefined ? [] : [`${INJECTION}=${injection}`];
  for (const key of [REVISION, DATAPLANE])
    if (labels.has(key) && (injection === undefined || injection === 'enabled'))
      found.push(`${key}=${labels.get(key)}`);
  if (found.length > 1)
    context.report('IST0123', namespace, [found], { at: ['metadata', 'labels'] });
}

function reportNotInjected(context: AnalysisContext, namespace: ResourceOf<'Namespace'>): void {
  const { name } = namespace.metadata;
  if (isEnabledByDefault(context)) context.report('IST0148', namespace, []);
  else context.report('IST0102', namespace, [name, name], { line: ['metadata', 'name'] });
}

/** `sidecarInjectorWebhook.enableNamespacesByDefault` of the injector's ConfigMap. */
function isEnabledByDefault(context: AnalysisContext): boolean {
  const map = context.of('ConfigMap').find((it) => it.metadata.name === 'istio-sidecar-injector');
  const values = map?.spec.data.get('values') ?? '';
  const [document] = readYaml('values', values, 'kubernetes').documents;
  const webhook = member(document?.value, 'sidecarInjectorWebhook');
  return member(webhook, 'enableNamespacesByDefault') === true;
}

function lacksProxy({ metadata, spec }: ResourceOf<'Pod'>): boolean {
  const inject = metadata.labels.get(INJECT) ?? metadata.annotations.get(INJECT) ?? '';
  if (inject.toLowerCase() === 'false' || spec.hostNetwork) return false;
  return proxyImage([...spec.containers, ...spec.initContainers]) === '';
}

/** @source istio: pkg/config/analysis/analyzers/injection/image-auto.go */
export const imageAutoAnalyzer: Analyzer = {
  name: 'injection.ImageAutoAnalyzer',
  inputs: ['Namespace', 'Pod', 'Deployment', 'MutatingWebhookConfiguration'],
  analyze(context) {
    for (const pod of context.of('Pod'))
      if (hasAutoImage(pod.spec))
        context.report('IST0147', pod, ['Pod', pod.metadata.name], { at: ['spec', 'containers'] });
    for (const deployment of context.of('Deployment')) {
      const { template } = deployment.spec;
      if (!hasAutoImage(template?.spec)) continue;
      if (isInjected(context, deployment)) continue;
      const at = ['spec', 'template', 'spec', 'containers'];
      context.report('IST0146', deployment, ['Deployment', deployment.metadata.name], { at });
    }
  },
};

function hasAutoImage(spec: PodSpec | undefined): boolean {
  const containers = spec?.containers ?? [];
  return containers.some(({ name, image }) => name === PROXY_CONTAINER && image === 'auto');
}

function isInjected(context: AnalysisContext, deployment: ResourceOf<'Deployment'>): boolean {
  const namespace = context.find('Namespace', '', deployment.metadata.namespace);
  const namespaceLabels = namespace?.metadata.labels ?? new Map<string, string>();
  const podLabels = deployment.spec.template?.metadata?.labels ?? new Map<string, string>();
  return istioWebhooks(context).some(
    (webhook) =>
      matchesSelector(member(webhook, 'namespaceSelector'), namespaceLabels) &&
      matchesSelector(member(webhook, 'objectSelector'), podLabels),
  );
}

function istioWebhooks(context: AnalysisContext): readonly YamlValue[] {
  const group = 'admissionregistration.k8s.io';
  return context.others(group, 'MutatingWebhookConfiguration').flatMap(({ raw }) => {
    const webhooks = raw.get('webhooks');
    const list = isSequence(webhooks) ? webhooks : [];
    return list.filter((it) => (textMember(it, 'name') ?? '').endsWith('istio.io'));
  });
}

/** A label selector of Kubernetes; nothing written selects all. */
function matchesSelector(
  selector: YamlValue | undefined,
  labels: ReadonlyMap<string, string>,
): boolean {
  const wanted = member(selector, 'matchLabels');
  const equal = isMapping(wanted)
    ? [...wanted].every(([key, value]) => labels.get(key) === value)
    : true;
  const expressions = member(selector, 'matchExpressions');
  const list = isSequence(expressions) ? expressions : [];
  return equal && list.every((it) => matchesExpression(it, labels));
}

function matchesExpression(expression: YamlValue, labels: ReadonlyMap<string, string>): boolean {
  const value = labels.get(textMember(expression, 'key') ?? '');
  const values = member(expression, 'values');
  const isListed = isSequence(values) && value !== undefined && values.includes(value);
  switch (textMember(expression, 'operator')) {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
