import type { Analyzer } from './analysis-context.ts';
import { annotationAnalyzer } from './annotations.ts';
import { applicationUidAnalyzer, multipleServicesAnalyzer } from './deployments.ts';
import { deprecationAnalyzer, lightstepAnalyzer } from './deprecations.ts';
import { caCertificateAnalyzer, subsetPodAnalyzer } from './destination-rules.ts';
import { envoyFilterAnalyzer } from './envoy-filters.ts';
import {
  conflictingGatewayAnalyzer,
  gatewayCertificateAnalyzer,
  gatewayPortAnalyzer,
  gatewaySecretAnalyzer,
} from './gateways.ts';
import { imageAutoAnalyzer, injectionAnalyzer } from './injection.ts';
import { jwtClaimRouteAnalyzer } from './jwt-claim-routes.ts';
import { meshHostConflictAnalyzer } from './mesh-host-conflicts.ts';
import { limitAnalyzer } from './policy-limits.ts';
import { policyPitfallAnalyzer, ruleVisibilityAnalyzer } from './policy-pitfalls.ts';
import { routePitfallAnalyzer, routeProtocolAnalyzer } from './route-pitfalls.ts';
import { schemaAnalyzers } from './schema-messages.ts';
import { authorizationPolicyAnalyzer, blockedCidrsAnalyzer } from './security-policies.ts';
import { conflictingProtocolAnalyzer, protocolAddressesAnalyzer } from './service-entries.ts';
import { portNameAnalyzer } from './service-ports.ts';
import { shadowedRouteAnalyzer } from './shadowed-routes.ts';
import { sidecarSelectorAnalyzer } from './sidecars.ts';
import { conditionAnalyzer, gatewaySelectorAnalyzer } from './statuses.ts';
import {
  telemetryDefaultAnalyzer,
  telemetryProviderAnalyzer,
  telemetrySelectorAnalyzer,
} from './telemetries.ts';
import { virtualServiceGatewayAnalyzer } from './virtual-service-gateways.ts';
import { destinationHostAnalyzer, destinationSubsetAnalyzer } from './virtual-service-hosts.ts';

/** In the order of istioctl's list. @source istio: pkg/config/analysis/analyzers/all.go */
export const ANALYZERS: readonly Analyzer[] = [
  annotationAnalyzer,
  blockedCidrsAnalyzer,
  authorizationPolicyAnalyzer,
  conditionAnalyzer,
  multipleServicesAnalyzer,
  applicationUidAnalyzer,
  caCertificateAnalyzer,
  subsetPodAnalyzer,
  deprecationAnalyzer,
  envoyFilterAnalyzer,
  gatewayPortAnalyzer,
  gatewayCertificateAnalyzer,
  gatewaySecretAnalyzer,
  conflictingGatewayAnalyzer,
  injectionAnalyzer,
  imageAutoAnalyzer,
  gatewaySelectorAnalyzer,
  portNameAnalyzer,
  sidecarSelectorAnalyzer,
  meshHostConflictAnalyzer,
  destinationHostAnalyzer,
  destinationSubsetAnalyzer,
  virtualServiceGatewayAnalyzer,
  jwtClaimRouteAnalyzer,
  protocolAddressesAnalyzer,
  conflictingProtocolAnalyzer,
  telemetryProviderAnalyzer,
  telemetrySelectorAnalyzer,
  telemetryDefaultAnalyzer,
  lightstepAnalyzer,
  ...schemaAnalyzers,
];

/** What meshsim adds to istioctl's. */
export const PITFALL_ANALYZERS: readonly Analyzer[] = [
  routePitfallAnalyzer,
  routeProtocolAnalyzer,
  shadowedRouteAnalyzer,
  policyPitfallAnalyzer,
  limitAnalyzer,
  ruleVisibilityAnalyzer,
];
