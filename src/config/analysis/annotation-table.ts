/** An annotation of Istio: what it may stand on, and whether it is going away. */
export interface AnnotationType {
  readonly on: readonly string[];
  readonly isDeprecated: boolean;
}

function on(kinds: string, state?: 'deprecated'): AnnotationType {
  return { on: kinds.split(' '), isDeprecated: state === 'deprecated' };
}

const pod = on('Pod');
const oldPod = on('Pod', 'deprecated');

/** @source istio.io/api: annotation/annotations.yaml */
export const ISTIO_ANNOTATIONS: ReadonlyMap<string, AnnotationType> = new Map([
  ['alpha.istio.io/canonical-serviceaccounts', on('Service', 'deprecated')],
  ['alpha.istio.io/kubernetes-serviceaccounts', on('Service', 'deprecated')],
  ['ambient.istio.io/bypass-inbound-capture', pod],
  ['ambient.istio.io/dns-capture', pod],
  ['ambient.istio.io/redirection', pod],
  ['ambient.istio.io/waypoint-inbound-binding', on('GatewayClass Gateway')],
  ['galley.istio.io/analyze-suppress', on('Any')],
  ['gateway.istio.io/controller-version', on('Any')],
  ['gateway.istio.io/name-override', on('Gateway')],
  ['gateway.istio.io/service-account', on('Gateway')],
  ['inject.istio.io/templates', pod],
  ['istio.io/autoRegistrationGroup', on('WorkloadEntry')],
  ['istio.io/connectedAt', on('WorkloadEntry')],
  ['istio.io/disconnectedAt', on('WorkloadEntry')],
  ['istio.io/dry-run', on('AuthorizationPolicy')],
  ['istio.io/reroute-virtual-interfaces', pod],
  ['istio.io/rev', pod],
  ['istio.io/use-waypoint-canary-weight', on('Service ServiceEntry Namespace')],
  ['istio.io/workloadController', on('WorkloadEntry')],
  ['kubernetes.io/ingress.class', on('Ingress')],
  ['networking.istio.io/exportTo', on('Service')],
  ['networking.istio.io/service-type', on('Gateway')],
  ['networking.istio.io/traffic-distribution', on('Namespace Service ServiceEntry')],
  ['prometheus.istio.io/merge-metrics', pod],
  ['proxy.istio.io/config', pod],
  ['proxy.istio.io/overrides', pod],
  ['readiness.status.sidecar.istio.io/applicationPorts', pod],
  ['readiness.status.sidecar.istio.io/failureThreshold', pod],
  ['readiness.status.sidecar.istio.io/initialDelaySeconds', pod],
  ['readiness.status.sidecar.istio.io/periodSeconds', pod],
  ['sidecar.istio.io/agentLogLevel', pod],
  ['sidecar.istio.io/bootstrapOverride', pod],
  ['sidecar.istio.io/componentLogLevel', pod],
  ['sidecar.istio.io/discoveryAddress', oldPod],
  ['sidecar.istio.io/extraStatTags', oldPod],
  ['sidecar.istio.io/inject', oldPod],
  ['sidecar.istio.io/interceptionMode', pod],
  ['sidecar.istio.io/logLevel', pod],
  ['sidecar.istio.io/nativeSidecar', pod],
  ['sidecar.istio.io/proxyCPU', pod],
  ['sidecar.istio.io/proxyCPULimit', pod],
  ['sidecar.istio.io/proxyImage', pod],
  ['sidecar.istio.io/proxyImageType', pod],
  ['sidecar.istio.io/proxyMemory', pod],
  ['sidecar.istio.io/proxyMemoryLimit', pod],
  ['sidecar.istio.io/rewriteAppHTTPProbers', pod],
  ['sidecar.istio.io/statsCompression', oldPod],
  ['sidecar.istio.io/statsEvictionInterval', pod],
  ['sidecar.istio.io/statsFlushInterval', pod],
  ['sidecar.istio.io/statsHistogramBins', pod],
  ['sidecar.istio.io/statsHistogramBuckets', pod],
  ['sidecar.istio.io/statsInclusionPrefixes', oldPod],
  ['sidecar.istio.io/statsInclusionRegexps', oldPod],
  ['sidecar.istio.io/statsInclusionSuffixes', oldPod],
  ['sidecar.istio.io/status', pod],
  ['sidecar.istio.io/userVolume', pod],
  ['sidecar.istio.io/userVolumeMount', pod],
  ['status.sidecar.istio.io/port', pod],
  ['topology.istio.io/controlPlaneClusters', on('Namespace')],
  ['traffic.istio.io/nodeSelector', on('Service')],
  ['traffic.sidecar.istio.io/excludeInboundPorts', pod],
  ['traffic.sidecar.istio.io/excludeInterfaces', pod],
  ['traffic.sidecar.istio.io/excludeOutboundIPRanges', pod],
  ['traffic.sidecar.istio.io/excludeOutboundPorts', pod],
  ['traffic.sidecar.istio.io/includeInboundPorts', pod],
  ['traffic.sidecar.istio.io/includeOutboundIPRanges', pod],
  ['traffic.sidecar.istio.io/includeOutboundPorts', pod],
  ['traffic.sidecar.istio.io/kubevirtInterfaces', oldPod],
]);
