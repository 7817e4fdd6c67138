import type { Resource, ResourceOf } from '../resource.ts';
import { type KindName, kindOfObject, RESOURCE_KINDS } from '../resource-kinds.ts';
import { checkAuthorizationPolicy } from './authorization-policy.ts';
import { decodeProblem } from './decode.ts';
import { checkDestinationRule } from './destination-rule.ts';
import { checkEnvoyFilter } from './envoy-filter.ts';
import { checkTrafficExtension, checkWasmPlugin } from './extensions.ts';
import { Findings } from './findings.ts';
import { checkGateway } from './gateway.ts';
import { quoted } from './go-format.ts';
import { checkPeerAuthentication, checkProxyConfig, checkTelemetry } from './policies.ts';
import { checkRequestAuthentication } from './request-authentication.ts';
import { checkServiceEntry } from './service-entry.ts';
import { checkSidecar } from './sidecar.ts';
import { checkVirtualService } from './virtual-service.ts';
import { checkWorkloadEntry, checkWorkloadGroup } from './workload-entry.ts';

type Checks = { readonly [K in KindName]?: (resource: ResourceOf<K>) => Findings };

const CHECKS: Checks = {
  VirtualService: checkVirtualService,
  DestinationRule: checkDestinationRule,
  Gateway: checkGateway,
  ServiceEntry: checkServiceEntry,
  WorkloadEntry: checkWorkloadEntry,
  WorkloadGroup: checkWorkloadGroup,
  Sidecar: checkSidecar,
  PeerAuthentication: checkPeerAuthentication,
  AuthorizationPolicy: checkAuthorizationPolicy,
  RequestAuthentication: checkRequestAuthentication,
  EnvoyFilter: checkEnvoyFilter,
  WasmPlugin: checkWasmPlugin,
  TrafficExtension: checkTrafficExtension,
  Telemetry: checkTelemetry,
  ProxyConfig: checkProxyConfig,
};

/** What istiod's webhook answers to one object. */
export interface WebhookAnswer {
  readonly allowed: boolean;
  /** The whole text of a refusal. */
  readonly error?: string;
  readonly findings: Findings;
}

/** Keys beside which an Istio object may have no others. @source server.go, validFields */
const TOP_LEVEL_FIELDS = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

/**
 * istiod's answer to the creation of an object; objects of kinds that are not Istio's, or that meshsim
 * does not read, are let through.
 *
 * @source istio: pkg/webhooks/validation/server/server.go, validate
 */
export function webhookAnswer(resource: Resource): WebhookAnswer {
  const kind = kindOfObject(resource.apiVersion, resource.kind);
  if (kind === undefined || !(kind in CHECKS)) return { allowed: true, findings: new Findings() };
  const undecodable = decodeProblem(RESOURCE_KINDS[kind].spec, resource.raw.get('spec'));
  if (undecodable !== undefined) {
    const error = `error decoding configuration: ${undecodable}`;
    return { allowed: false, error, findings: new Findings() };
  }
  const findings = checkObject(kind, resource);
  const text = findings.errorText();
  if (text !== undefined) {
    return { allowed: false, error: `configuration is invalid: ${text}`, findings };
  }
  const unknown = unknownTopLevel(resource);
  return unknown === undefined
    ? { allowed: true, findings }
    : { allowed: false, error: unknown, findings };
}

/** @source istio: pkg/config/validation/validation.go, validateMetadata */
function checkObject(kind: KindName, resource: Resource): Findings {
  const findings = new Findings();
  const problem = annotationProblem(resource);
  if (problem !== undefined) {
    findings.error(['metadata', 'annotations'], problem);
    return findings;
  }
  // The table pairs each kind with the check of that kind.
  const check = CHECKS[kind] as ((resource: Resource) => Findings) | undefined;
  return check?.(resource) ?? findings;
}

function annotationProblem({ metadata }: Resource): string | undefined {
  const { annotations, name, namespace } = metadata;
  const dryRun = 'istio.io/dry-run';
  if (annotations.has(dryRun))
    return `${namespace}/${name} has unsupported annotation ${dryRun}, please remove the annotation`;
  const reject = 'internal.istio.io/webhook-always-reject';
  if (annotations.has(reject)) return `${quoted(reject)} annotation found, rejecting`;
  const internal = ['internal.istio.io/parent-namespace', 'internal.istio.io/parents'];
  const found = internal.find((it) => annotations.has(it));
  return found === undefined
    ? undefined
    : `${quoted(found)} annotation found, this may not be set by users`;
}

function unknownTopLevel({ kind, metadata, raw }: Resource): string | undefined {
  const key = [...raw.keys()].find((it) => !TOP_LEVEL_FIELDS.has(it));
  return key === undefined
    ? undefined
    : `unknown field ${quoted(key)} on ${kind} resource ${metadata.namespace}/${metadata.name}`;
}
