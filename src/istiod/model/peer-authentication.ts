import type { PeerAuthentication } from '#config/resource.ts';
import { compareCreation } from './creation-order.ts';
import { type Labels, NO_LABELS, selects } from './labels.ts';
import type { Aged } from './resources.ts';

/** What servers demand of callers; `UNKNOWN` where no policy says anything. */
export type MutualTlsMode = 'UNKNOWN' | 'DISABLE' | 'PERMISSIVE' | 'STRICT';

/** What a workload demands on its ports. */
export interface WorkloadMutualTls {
  readonly mode: MutualTlsMode;
  /** By workload port. */
  readonly byPort: ReadonlyMap<number, MutualTlsMode>;
  /** The policy that decided the mode, if any did. */
  readonly policy: PeerAuthentication | undefined;
}

/**
 * PeerAuthentication policies: mesh (root namespace, without selector), then namespace, then
 * workload, then port; UNSET inherits, the oldest of each level counts.
 *
 * @source istio: pilot/pkg/model/authentication.go; pilot/pkg/security/authn/policy_applier.go
 */
export class PeerAuthenticationIndex {
  readonly #rootNamespace: string;
  readonly #meshPolicy: PeerAuthentication | undefined;
  readonly #namespacePolicies = new Map<string, PeerAuthentication>();
  readonly #workloadPolicies = new Map<string, PeerAuthentication[]>();

  constructor(policies: readonly Aged<PeerAuthentication>[], rootNamespace: string) {
    this.#rootNamespace = rootNamespace;
    const sorted = [...policies].sort((a, b) => compareCreation(a.created, b.created));
    for (const { resource } of sorted) this.#add(resource);
    this.#meshPolicy = this.#namespacePolicies.get(rootNamespace);
  }

  #add(policy: PeerAuthentication): void {
    const { namespace } = policy.metadata;
    if (selectorOf(policy).size === 0) {
      if (!this.#namespacePolicies.has(namespace)) this.#namespacePolicies.set(namespace, policy);
      return;
    }
    // A selector in the root namespace does not reach the workloads of others.
    if (namespace === this.#rootNamespace) return;
    const known = this.#workloadPolicies.get(namespace);
    if (known === undefined) this.#workloadPolicies.set(namespace, [policy]);
    else known.push(policy);
  }

  /**
   * What the namespace or the mesh demands, for callers that do not know the workloads.
   *
   * @source istio: pilot/pkg/model/authentication.go, GetNamespaceMutualTLSMode
   */
  namespaceMode(namespace: string): MutualTlsMode {
    const mesh =
      this.#meshPolicy === undefined ? 'UNKNOWN' : (modeOf(this.#meshPolicy) ?? 'PERMISSIVE');
    if (namespace === this.#rootNamespace) return mesh;
    const policy = this.#namespacePolicies.get(namespace);
    if (policy === undefined) return mesh;
    return modeOf(policy) ?? (mesh === 'UNKNOWN' ? 'PERMISSIVE' : mesh);
  }

  /** What a workload demands. @source istio: policy_applier.go, ComposePeerAuthentication */
  workloadMode(namespace: string, labels: Labels): WorkloadMutualTls {
    const own = this.#workloadPolicies
      .get(namespace)
      ?.find((policy) => selects(selectorOf(policy), labels));
    const levels = [own, this.#namespacePolicies.get(namespace), this.#meshPolicy];
    const policy = levels.find((level) => level !== undefined && modeOf(level) !== undefined);
    const mode = (policy && modeOf(policy)) ?? 'PERMISSIVE';
    return { mode, byPort: portModes(own, mode), policy };
  }

  /** What one port of a workload demands. */
  portMode(namespace: string, labels: Labels, port: number): MutualTlsMode {
    const { mode, byPort } = this.workloadMode(namespace, labels);
    return byPort.get(port) ?? mode;
  }
}

function selectorOf(policy: PeerAuthentication): Labels {
  return policy.spec.selector?.matchLabels ?? NO_LABELS;
}

function modeOf(policy: PeerAuthentication): MutualTlsMode | undefined {
  const mode = policy.spec.mtls?.mode ?? 'UNSET';
  return mode === 'UNSET' ? undefined : mode;
}

function portModes(
  policy: PeerAuthentication | undefined,
  inherited: MutualTlsMode,
): ReadonlyMap<number, MutualTlsMode> {
  const modes = new Map<number, MutualTlsMode>();
  for (const [port, { mode }] of policy?.spec.portLevelMtls ?? []) {
    modes.set(Number(port), mode === 'UNSET' ? inherited : mode);
  }
  return modes;
}
