import type { Sidecar } from '#config/resource.ts';
import { keptIn } from '#source/memo.ts';
import { append } from './append.ts';
import { selects } from './labels.ts';
import type { ProxyModel } from './proxy.ts';
import type { Aged } from './resources.ts';
import {
  gatewayScope,
  type ScopeSources,
  type SidecarScope,
  sidecarScope,
} from './sidecar-scope.ts';

/**
 * The scopes of proxies, each made when the first proxy needs it.
 *
 * @source istio: pilot/pkg/model/push_context.go, initSidecarScopes, getSidecarScope
 */
export class ScopeDirectory {
  readonly #sources: ScopeSources;
  readonly #sidecars: ReadonlyMap<string, readonly Sidecar[]>;
  readonly #scopes = new Map<Sidecar | undefined, Map<string, SidecarScope>>();
  readonly #gatewayScopes = new Map<string, SidecarScope>();

  constructor(sidecars: readonly Aged<Sidecar>[], sources: ScopeSources) {
    this.#sources = sources;
    this.#sidecars = sidecarsByNamespace(sidecars);
  }

  /**
   * The scope of the Sidecar that selects a proxy, else of its namespace's, else of the root
   * namespace's, else one of everything that is exported to it. Sidecars don't concern gateways.
   */
  scopeFor(proxy: ProxyModel): SidecarScope {
    const { namespace } = proxy;
    if (proxy.kind === 'gateway') {
      return keptIn(this.#gatewayScopes, namespace, () => gatewayScope(namespace, this.#sources));
    }
    const sidecar = this.#sidecarFor(proxy);
    let scopes = this.#scopes.get(sidecar);
    if (scopes === undefined) {
      scopes = new Map();
      this.#scopes.set(sidecar, scopes);
    }
    return keptIn(scopes, namespace, () => sidecarScope(namespace, sidecar, this.#sources));
  }

  #sidecarFor(proxy: ProxyModel): Sidecar | undefined {
    const own = this.#sidecars.get(proxy.namespace)?.find(({ spec }) => {
      const selector = spec.workloadSelector?.labels;
      return selector === undefined || selects(selector, proxy.labels);
    });
    if (own !== undefined) return own;
    return this.#sidecars
      .get(this.#sources.meshConfig.rootNamespace)
      ?.find(({ spec }) => spec.workloadSelector === undefined);
  }
}

/** Those with a selector first, each part oldest first. */
function sidecarsByNamespace(
  sidecars: readonly Aged<Sidecar>[],
): ReadonlyMap<string, readonly Sidecar[]> {
  const byNamespace = new Map<string, Sidecar[]>();
  const isSelecting = ({ resource }: Aged<Sidecar>) => resource.spec.workloadSelector !== undefined;
  const ordered = [
    ...sidecars.filter(isSelecting),
    ...sidecars.filter((sidecar) => !isSelecting(sidecar)),
  ];
  for (const { resource } of ordered) append(byNamespace, resource.metadata.namespace, resource);
  return byNamespace;
}
