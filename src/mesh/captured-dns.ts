import { type IstioBehaviours, istioBehaviours } from '#istiod/model/istio-version.ts';
import { effectiveMeshConfig, type MeshConfig } from '#istiod/model/mesh-config.ts';
import { proxyMetadataOf } from '#istiod/model/proxy-metadata.ts';
import { ServiceRegistry } from '#istiod/model/service-registry.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import type { PodFacts } from './cluster/pod-facts.ts';
import type { IstiodOptions } from './generate-config.ts';

const DOMAIN = 'cluster.local';

/**
 * What proxies that answer their application's DNS (`ISTIO_META_DNS_CAPTURE`) say of hosts of
 * ServiceEntries without addresses: the address that istiod has allocated.
 *
 * @source istio: pkg/dns/client/dns.go; pilot/pkg/networking/core/listener_builder.go, NameTable
 */
export class CapturedDns {
  readonly #view: ClusterView;
  readonly #meshConfig: MeshConfig;
  readonly #behaviours: IstioBehaviours;
  readonly #defaultCreatedAtS: number;
  #addresses: ReadonlyMap<string, string> | undefined;

  constructor(view: ClusterView, options: IstiodOptions) {
    this.#view = view;
    this.#meshConfig = effectiveMeshConfig(options.meshConfig);
    this.#behaviours = istioBehaviours(options.istioMinor);
    this.#defaultCreatedAtS = options.defaultCreatedAtS;
  }

  /** Whether the pod's proxy answers its application's questions. */
  answersFor({ resource, proxy }: PodFacts): boolean {
    if (proxy !== 'sidecar') return false;
    const { annotations } = resource.metadata;
    const around = { meshConfig: this.#meshConfig, behaviours: this.#behaviours };
    return proxyMetadataOf(annotations, around)?.capturesDns === true;
  }

  addressOf(host: string): string | undefined {
    this.#addresses ??= this.#allocated();
    return this.#addresses.get(host);
  }

  #allocated(): ReadonlyMap<string, string> {
    const registry = new ServiceRegistry(this.#view.store, {
      meshConfig: this.#meshConfig,
      domain: DOMAIN,
      defaultCreatedAtS: this.#defaultCreatedAtS,
      behaviours: this.#behaviours,
    });
    return new Map(
      registry.services.flatMap(({ hostname, allocatedAddress }) =>
        allocatedAddress === undefined ? [] : [[hostname, allocatedAddress] as const],
      ),
    );
  }
}
