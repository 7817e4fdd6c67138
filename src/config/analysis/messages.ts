import { listText, quoted } from '../validation/go-format.ts';

export type AnalysisLevel = 'Error' | 'Warning' | 'Info';

export interface MessageType {
  readonly level: AnalysisLevel;
  readonly name: string;
  /** With Go's verbs: `%s`, `%d`, `%v` and, quoted, `%q`. */
  readonly template: string;
}

/**
 * What the analyzers say, by code.
 *
 * @source istio: pkg/config/analysis/msg/messages.yaml
 */
export const MESSAGE_TYPES = {
  IST0002: type('Warning', 'Deprecated', 'Deprecated: %s'),
  IST0101: type('Error', 'ReferencedResourceNotFound', 'Referenced %s not found: %q'),
  IST0102: type(
    'Info',
    'NamespaceNotInjected',
    "The namespace is not enabled for Istio injection. Run 'kubectl label namespace %s istio-injection=enabled' to enable it, or 'kubectl label namespace %s istio-injection=disabled' to explicitly mark it as not needing injection.",
  ),
  IST0103: type(
    'Warning',
    'PodMissingProxy',
    'The pod %s is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.',
  ),
  IST0106: type('Error', 'SchemaValidationError', 'Schema validation error: %v'),
  IST0107: type(
    'Warning',
    'MisplacedAnnotation',
    'Misplaced annotation: %s can only be applied to %s',
  ),
  IST0108: type('Warning', 'UnknownAnnotation', 'Unknown annotation: %s'),
  IST0109: type(
    'Error',
    'ConflictingMeshGatewayVirtualServiceHosts',
    'The VirtualServices %s associated with mesh gateway define the same host %s which can lead to undefined behavior. This can be fixed by merging the conflicting VirtualServices into a single resource.',
  ),
  IST0110: type(
    'Error',
    'ConflictingSidecarWorkloadSelectors',
    'The Sidecars %v in namespace %q select the same workload pod %q, which can lead to undefined behavior.',
  ),
  IST0111: type(
    'Error',
    'MultipleSidecarsWithoutWorkloadSelectors',
    'The Sidecars %v in namespace %q have no workload selector, which can lead to undefined behavior.',
  ),
  IST0112: type(
    'Error',
    'VirtualServiceDestinationPortSelectorRequired',
    'This VirtualService routes to a service %q that exposes multiple ports %v. Specifying a port in the destination is required to disambiguate.',
  ),
  IST0116: type(
    'Warning',
    'DeploymentAssociatedToMultipleServices',
    'This deployment %s is associated with multiple services using port %d but different protocols: %v',
  ),
  IST0118: type(
    'Info',
    'PortNameIsNotUnderNamingConvention',
    "Port name %s (port: %d, targetPort: %s) doesn't follow the naming convention of Istio port.",
  ),
  IST0123: type(
    'Warning',
    'NamespaceMultipleInjectionLabels',
    'The namespace has more than one type of injection labels %v, which may lead to undefined behavior. Make sure only one injection label exists.',
  ),
  IST0125: type('Warning', 'InvalidAnnotation', 'Invalid annotation %s: %s'),
  IST0127: type(
    'Warning',
    'NoMatchingWorkloadsFound',
    'No matching workloads for this resource with the following labels: %s',
  ),
  IST0128: type(
    'Warning',
    'NoServerCertificateVerificationDestinationLevel',
    'DestinationRule %s in namespace %s has TLS mode set to %s but no caCertificates are set to validate server identity for host: %s',
  ),
  IST0129: type(
    'Warning',
    'NoServerCertificateVerificationPortLevel',
    'DestinationRule %s in namespace %s has TLS mode set to %s but no caCertificates are set to validate server identity for host: %s at port %s',
  ),
  IST0130: type(
    'Warning',
    'VirtualServiceUnreachableRule',
    'VirtualService rule %v not used (%s).',
  ),
  IST0131: type(
    'Info',
    'VirtualServiceIneffectiveMatch',
    'VirtualService rule %v match %v is not used (duplicate/overlapping match in rule %v).',
  ),
  IST0132: type(
    'Warning',
    'VirtualServiceHostNotFoundInGateway',
    'one or more host %v defined in VirtualService %s not found in Gateway %s.',
  ),
  IST0133: type('Warning', 'SchemaWarning', 'Schema validation warning: %v'),
  IST0134: type(
    'Warning',
    'ServiceEntryAddressesRequired',
    'ServiceEntry addresses are required for this protocol.',
  ),
  IST0135: type(
    'Info',
    'DeprecatedAnnotation',
    'Annotation %q has been deprecated%s and may not work in future Istio versions.',
  ),
  IST0137: type(
    'Warning',
    'DeploymentConflictingPorts',
    'This deployment %s is associated with multiple services %v using targetPort %q but different ports: %v.',
  ),
  IST0138: type(
    'Warning',
    'GatewayDuplicateCertificate',
    'Duplicate certificate in multiple gateways %v may cause 404s if clients re-use HTTP2 connections.',
  ),
  IST0140: type(
    'Warning',
    'IngressRouteRulesNotAffected',
    'Subset in virtual service %s has no effect on ingress gateway %s requests',
  ),
  IST0144: type(
    'Warning',
    'InvalidApplicationUID',
    'User ID (UID) 1337 is reserved for the sidecar proxy.',
  ),
  IST0145: type(
    'Error',
    'ConflictingGateways',
    'Conflict with gateways %s (workload selector %s, port %s, hosts %v).',
  ),
  IST0146: type(
    'Warning',
    'ImageAutoWithoutInjectionWarning',
    '%s %s contains `image: auto` but does not match any Istio injection webhook selectors.',
  ),
  IST0147: type(
    'Error',
    'ImageAutoWithoutInjectionError',
    '%s %s contains `image: auto` but does not match any Istio injection webhook selectors.',
  ),
  IST0148: type(
    'Info',
    'NamespaceInjectionEnabledByDefault',
    'is enabled for Istio injection, as Istio is installed with enableNamespacesByDefault as true.',
  ),
  IST0149: type(
    'Error',
    'JwtClaimBasedRoutingWithoutRequestAuthN',
    'The virtual service uses the JWT claim based routing (key: %s) but found no request authentication for the gateway (%s) pod (%s). The request authentication must first be applied for the gateway pods to validate the JWT token and make the claims available for routing.',
  ),
  IST0150: type(
    'Warning',
    'ExternalNameServiceTypeInvalidPortName',
    'Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly',
  ),
  IST0151: type(
    'Warning',
    'EnvoyFilterUsesRelativeOperation',
    'This EnvoyFilter does not have a priority and has a relative patch operation set which can cause the EnvoyFilter not to be applied. Using the INSERT_FIRST of ADD option or setting the priority may help in ensuring the EnvoyFilter is applied correctly.',
  ),
  IST0152: type(
    'Error',
    'EnvoyFilterUsesReplaceOperationIncorrectly',
    'The REPLACE operation is only valid for HTTP_FILTER and NETWORK_FILTER.',
  ),
  IST0153: type(
    'Error',
    'EnvoyFilterUsesAddOperationIncorrectly',
    'The ADD operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or HTTP_ROUTE.',
  ),
  IST0154: type(
    'Error',
    'EnvoyFilterUsesRemoveOperationIncorrectly',
    'The REMOVE operation will be ignored when applyTo is set to ROUTE_CONFIGURATION, or HTTP_ROUTE.',
  ),
  IST0155: type(
    'Warning',
    'EnvoyFilterUsesRelativeOperationWithProxyVersion',
    'This EnvoyFilter does not have a priority and has a relative patch operation (NSTERT_BEFORE/AFTER, REPLACE, MERGE, DELETE) and proxyVersion set which can cause the EnvoyFilter not to be applied during an upgrade. Using the INSERT_FIRST or ADD option or setting the priority may help in ensuring the EnvoyFilter is applied correctly.',
  ),
  IST0157: type(
    'Warning',
    'InvalidTelemetryProvider',
    'The Telemetry %v in namespace %q with empty providers will be ignored.',
  ),
  IST0159: type(
    'Error',
    'ConflictingTelemetryWorkloadSelectors',
    'The Telemetries %v in namespace %q select the same workload pod %q, which can lead to undefined behavior.',
  ),
  IST0160: type(
    'Error',
    'MultipleTelemetriesWithoutWorkloadSelectors',
    'The Telemetries %v in namespace %q have no workload selector, which can lead to undefined behavior.',
  ),
  IST0162: type(
    'Warning',
    'GatewayPortNotDefinedOnService',
    'The gateway is listening on a target port (port %d) that is not defined in the Service associated with its workload instances (Pod selector %s). If you need to access the gateway port through the gateway Service, it will not be available.',
  ),
  IST0165: type(
    'Warning',
    'ReferencedInternalGateway',
    'Gateway reference in VirtualService %s is to an implementation-generated internal Gateway: %s.',
  ),
  IST0166: type(
    'Warning',
    'IneffectiveSelector',
    'Ineffective selector on Kubernetes Gateway %s. Use the TargetRef field instead.',
  ),
  IST0167: type('Warning', 'IneffectivePolicy', 'The policy has no impact: %s.'),
  IST0171: type(
    'Warning',
    'NegativeConditionStatus',
    'A condition with a negative status is present: type=%s, reason=%s, message=%s.',
  ),
  IST0173: type(
    'Error',
    'DestinationRuleSubsetNotSelectPods',
    'The Subset %s defined in the DestinationRule does not select any pods. Which may lead to 503 UH (NoHealthyUpstream).',
  ),
  IST0174: type(
    'Warning',
    'UnknownDestinationRuleHost',
    'The host %s defined in the DestinationRule does not match any services in the mesh.',
  ),
  IST0175: type(
    'Warning',
    'JwksUriFetchUnrestricted',
    'BLOCKED_CIDRS_IN_JWKS_URIS is not configured but %d RequestAuthentication resource(s) exist (%s). Consider configuring it to restrict JWKS URI fetches to trusted networks.',
  ),
  IST0177: type(
    'Warning',
    'ConflictingServiceEntryProtocol',
    'Multiple ServiceEntries (%s) define the same host %q and port %d with conflicting protocols (%s).',
  ),
} as const;

export type MessageCode = keyof typeof MESSAGE_TYPES;
export type MessageParameter = string | number | readonly (string | number)[];

function type(level: AnalysisLevel, name: string, template: string): MessageType {
  return { level, name, template };
}

/** A template with its verbs replaced, in order. */
export function formatMessage(template: string, parameters: readonly MessageParameter[]): string {
  let next = 0;
  return template.replace(/%([sdvq%])/g, (_, verb: string) => {
    if (verb === '%') return '%';
    const value = parameters[next++] ?? '';
    if (verb === 'q') return quoted(String(value));
    return typeof value === 'object' ? listText(value.map(String)) : String(value);
  });
}
