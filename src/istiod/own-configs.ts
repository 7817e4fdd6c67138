import type { GeneratedPart } from './generated-parts.ts';
import type { ConsolidatedDestinationRule } from './model/destination-rule-merge.ts';
import type { MeshModel } from './model/mesh-model.ts';
import type { ProxyModel } from './model/proxy.ts';
import type { ServiceTarget } from './model/service-targets.ts';
import type { SidecarScope } from './model/sidecar-scope.ts';

/** What a proxy's own part was made from, as far as a change of the mesh may be about it. */
interface Basis {
  readonly sources: readonly unknown[];
  readonly sidecar: SidecarScope['sidecar'];
  readonly peerAuthentications: MeshModel['peerAuthentications'];
  readonly telemetries: MeshModel['telemetries'];
  readonly targets: readonly ServiceTarget[];
  readonly rules: readonly (ConsolidatedDestinationRule | undefined)[];
}

interface Own {
  readonly basis: Basis;
  readonly part: GeneratedPart;
}

/**
 * What is each proxy's own: kept as long as the services that lead to its workload, their rules and
 * the policies for it stay the same. A push that is about others costs a proxy a comparison.
 *
 * @source istio: pilot/pkg/xds/proxy_dependencies.go, DefaultProxyNeedsPush
 */
export class OwnConfigs {
  readonly #byProxy = new WeakMap<ProxyModel, Own>();

  of(model: MeshModel, proxy: ProxyModel, make: () => GeneratedPart): GeneratedPart {
    const known = this.#byProxy.get(proxy);
    const scope = model.scopeFor(proxy);
    const sources = sourcesOf(model, scope);
    if (known !== undefined && areSame(known.basis.sources, sources)) return known.part;
    const basis = basisOf(model, proxy, scope, sources);
    const part = known !== undefined && isSameBasis(known.basis, basis) ? known.part : make();
    this.#byProxy.set(proxy, { basis, part });
    return part;
  }
}

/** Where nothing of these has changed, neither has anything that follows from them. */
function sourcesOf(model: MeshModel, { sidecar, services }: SidecarScope): readonly unknown[] {
  const { registry, workloads, endpointIndex, destinationRules } = model;
  const { peerAuthentications, telemetries } = model;
  return [
    registry,
    workloads,
    endpointIndex,
    destinationRules,
    peerAuthentications,
    telemetries,
    sidecar,
    services,
  ];
}

function basisOf(
  model: MeshModel,
  proxy: ProxyModel,
  scope: SidecarScope,
  sources: readonly unknown[],
): Basis {
  const targets = model.serviceTargets(proxy);
  return {
    sources,
    sidecar: scope.sidecar,
    peerAuthentications: model.peerAuthentications,
    telemetries: model.telemetries,
    targets,
    rules: targets.map(({ service }) => scope.destinationRule('inbound', proxy, service.hostname)),
  };
}

function isSameBasis(a: Basis, b: Basis): boolean {
  return (
    a.sidecar === b.sidecar &&
    a.peerAuthentications === b.peerAuthentications &&
    a.telemetries === b.telemetries &&
    areSame(a.rules, b.rules) &&
    a.targets.length === b.targets.length &&
    a.targets.every((target, index) => isSameTarget(target, b.targets[index]!))
  );
}

function isSameTarget(a: ServiceTarget, b: ServiceTarget): boolean {
  return a.service === b.service && a.port === b.port && a.targetPort === b.targetPort;
}

function areSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
