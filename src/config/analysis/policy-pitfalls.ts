import type { DestinationRule, Service } from '../resource.ts';
import { isHostWithin } from '../validation/domain-names.ts';
import { floatText } from '../validation/go-format.ts';
import { type AnalysisContext, type Analyzer, fullName } from './analysis-context.ts';
import { selects } from './label-selector.ts';
import { fqdnOf, objectOfHost } from './scoped-hosts.ts';

/** Policies of DestinationRules that do not what they seem to. */
export const policyPitfallAnalyzer: Analyzer = {
  name: 'meshsim.PolicyPitfalls',
  inputs: ['DestinationRule', 'VirtualService'],
  analyze(context) {
    const used = usedSubsets(context);
    for (const rule of context.of('DestinationRule')) {
      checkPortLevel(context, rule);
      checkWarmup(context, rule);
      checkSubsetPolicies(context, rule, used);
      checkAffinity(context, rule);
    }
  },
};

const BLOCKS = ['loadBalancer', 'connectionPool', 'outlierDetection', 'tls'] as const;

/** @source istio: pilot/pkg/networking/util/util.go, MergeTrafficPolicy */
function checkPortLevel(context: AnalysisContext, rule: DestinationRule): void {
  const policy = rule.spec.trafficPolicy;
  for (const [index, port] of (policy?.portLevelSettings ?? []).entries()) {
    const lost = BLOCKS.filter((it) => policy?.[it] !== undefined && port[it] === undefined);
    if (lost.length === 0) continue;
    context.report('MS0012', rule, [port.port?.number ?? 0, lost.join(', ')], {
      at: ['spec', 'trafficPolicy', 'portLevelSettings', index],
      hint: 'repeat what shall hold on this port',
    });
  }
}

/** @source istio: pilot/pkg/networking/core/cluster_traffic_policy.go, setSlowStartConfig */
function checkWarmup(context: AnalysisContext, rule: DestinationRule): void {
  const balancer = rule.spec.trafficPolicy?.loadBalancer;
  if (balancer === undefined) return;
  const key = balancer.warmup === undefined ? 'warmupDurationSecs' : 'warmup';
  const isDeaf = balancer.simple === 'RANDOM' || balancer.simple === 'PASSTHROUGH';
  const other = balancer.consistentHash === undefined ? undefined : 'consistentHash';
  if (balancer[key] === undefined || (!isDeaf && other === undefined)) return;
  const at = ['spec', 'trafficPolicy', 'loadBalancer', key];
  context.report('MS0015', rule, [other ?? balancer.simple ?? ''], { at });
}

/** A subset's policy holds for the subset's cluster alone. */
function checkSubsetPolicies(
  context: AnalysisContext,
  rule: DestinationRule,
  used: ReadonlySet<string>,
): void {
  const object = objectOfHost(rule.metadata.namespace, rule.spec.host);
  for (const [index, { name, trafficPolicy }] of rule.spec.subsets.entries()) {
    if (trafficPolicy === undefined || used.has(`${object}+${name}`)) continue;
    context.report('MS0016', rule, [name], { at: ['spec', 'subsets', index, 'trafficPolicy'] });
  }
}

function usedSubsets(context: AnalysisContext): ReadonlySet<string> {
  return new Set(
    context.of('VirtualService').flatMap(({ metadata, spec }) =>
      [...spec.http, ...spec.tls, ...spec.tcp].flatMap(({ route, ...rest }) => {
        const mirrors =
          'mirrors' in rest ? [rest.mirror, ...rest.mirrors.map((it) => it.destination)] : [];
        return [...route.map((it) => it.destination), ...mirrors].flatMap((destination) =>
          destination === undefined || destination.subset === ''
            ? []
            : [`${objectOfHost(metadata.namespace, destination.host)}+${destination.subset}`],
        );
      }),
    ),
  );
}

/** The cluster is chosen by weight before a host is chosen by hash. */
function checkAffinity(context: AnalysisContext, rule: DestinationRule): void {
  if (rule.spec.trafficPolicy?.loadBalancer?.consistentHash === undefined) return;
  const object = objectOfHost(rule.metadata.namespace, rule.spec.host);
  for (const service of context.of('VirtualService')) {
    for (const [index, { route }] of service.spec.http.entries()) {
      const parts = route.filter(({ destination, weight }) => {
        const host = destination?.host ?? '';
        return weight > 0 && objectOfHost(service.metadata.namespace, host) === object;
      });
      const subsets = new Set(parts.map(({ destination }) => destination?.subset));
      if (subsets.size < 2) continue;
      const at = ['spec', 'http', index, 'route'];
      context.report('MS0009', service, [`DestinationRule ${fullName(rule)}`], { at });
    }
  }
}

/** Where a DestinationRule is looked for, and what it is looked for by. */
export const ruleVisibilityAnalyzer: Analyzer = {
  name: 'meshsim.RuleVisibility',
  inputs: ['DestinationRule', 'Service', 'Namespace', 'MeshConfig'],
  analyze(context) {
    const root = context.meshConfig?.rootNamespace ?? 'istio-system';
    for (const rule of context.of('DestinationRule')) {
      checkNamespace(context, rule, root);
      if (rule.metadata.namespace !== root) checkShadows(context, rule);
      checkHost(context, rule);
      checkEjection(context, rule);
    }
  },
};

/** @source istio: pilot/pkg/model/push_context.go, destinationRule */
function checkNamespace(context: AnalysisContext, rule: DestinationRule, root: string): void {
  const { namespace } = rule.metadata;
  const service = serviceOf(context, rule);
  const isNear = service?.metadata.namespace === namespace || namespace === root;
  if (service === undefined || isNear || hasWorkloads(context, namespace)) return;
  const at = ['metadata', 'namespace'];
  context.report('MS0010', rule, [namespace, fullName(service), root], { at });
}

/** Whether clients may live in a namespace, for which its rules are made. */
function hasWorkloads(context: AnalysisContext, namespace: string): boolean {
  const kinds = ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'] as const;
  return kinds.some((kind) => context.of(kind).some((it) => it.metadata.namespace === namespace));
}

/** A wildcard of the client's namespace goes before the service owner's rule. */
function checkShadows(context: AnalysisContext, rule: DestinationRule): void {
  const { namespace } = rule.metadata;
  if (!rule.spec.host.startsWith('*')) return;
  const hidden = context.of('DestinationRule').filter((other) => {
    const host = fqdnOf(other.metadata.namespace, other.spec.host);
    const isElsewhere = other.metadata.namespace !== namespace;
    return isElsewhere && other.spec.subsets.length > 0 && isHostWithin(host, rule.spec.host);
  });
  if (hidden.length === 0) return;
  const names = hidden.map((it) => `DestinationRule ${fullName(it)}`).join(', ');
  context.report('MS0011', rule, [namespace, names], { at: ['spec', 'host'] });
}

/** `web.shop` is not completed to `web.shop.svc.cluster.local`. @source istio: pkg/config/resource, ResolveShortnameToFQDN */
function checkHost(context: AnalysisContext, rule: DestinationRule): void {
  const { host } = rule.spec;
  const [name, namespace, ...rest] = host.split('.');
  if (namespace === undefined || rest.length > 0) return;
  if (context.find('Service', namespace, name!) === undefined) return;
  const hint = `write ${name}.${namespace}.svc.cluster.local`;
  context.report('MS0013', rule, [host, `${namespace}/${name}`], { at: ['spec', 'host'], hint });
}

/** @source envoy: source/common/upstream/outlier_detection_impl.cc, DetectorImpl::ejectHost */
function checkEjection(context: AnalysisContext, rule: DestinationRule): void {
  const outlier = rule.spec.trafficPolicy?.outlierDetection;
  const service = serviceOf(context, rule);
  if (outlier === undefined || service === undefined) return;
  const hosts = hostCount(context, service);
  const percent = outlier.maxEjectionPercent === 0 ? 10 : outlier.maxEjectionPercent;
  const share = 100 / hosts;
  if (hosts === 0 || share <= percent) return;
  const shown = floatText(Math.round(share * 10) / 10);
  context.report('MS0005', rule, [fullName(service), hosts, shown, percent], {
    at: ['spec', 'trafficPolicy', 'outlierDetection', 'maxEjectionPercent'],
    hint: `set maxEjectionPercent to ${Math.ceil(share)} or more`,
  });
}

function serviceOf(context: AnalysisContext, rule: DestinationRule): Service | undefined {
  const object = objectOfHost(rule.metadata.namespace, rule.spec.host);
  const slash = object.indexOf('/');
  return context.find('Service', object.slice(0, slash), object.slice(slash + 1));
}

/** Pods that are there, or replicas that are wanted, whichever are more. */
function hostCount(context: AnalysisContext, { metadata, spec }: Service): number {
  if (spec.selector.size === 0) return 0;
  const { namespace } = metadata;
  const pods = context
    .of('Pod')
    .filter(
      (pod) => pod.metadata.namespace === namespace && selects(spec.selector, pod.metadata.labels),
    );
  const deployments = [...context.of('Deployment'), ...context.of('StatefulSet')].filter(
    (it) =>
      it.metadata.namespace === namespace &&
      selects(spec.selector, it.spec.template?.metadata?.labels ?? new Map()),
  );
  const replicas = deployments.reduce((sum, it) => sum + (it.spec.replicas ?? 1), 0);
  return Math.max(pods.length, replicas);
}
