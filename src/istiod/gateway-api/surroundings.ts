import type { SecretSpec } from '#config/kubernetes/cluster-objects.ts';
import type { ResourceStore } from '#config/resource-store.ts';
import type { HostName } from '../model/host-name.ts';
import { serviceHostName } from '../model/names.ts';
import { ReferenceGrants } from './reference-grants.ts';

export interface SurroundingsOptions {
  /**
   * Whether the objects are all that the cluster has. Manifests rarely have Secrets and Namespaces:
   * without this, those that are spoken of are taken to be there.
   */
  readonly isWholeCluster?: boolean;
}

/** What the conversion looks up in the cluster. */
export class Surroundings {
  readonly store: ResourceStore;
  readonly domain: string;
  readonly grants: ReferenceGrants;
  /** By name, with the label that Kubernetes puts on each. Sorted. */
  readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** `namespace/host`. */
  readonly #hosts = new Set<string>();
  readonly #isWholeCluster: boolean;

  constructor(store: ResourceStore, domain: string, options: SurroundingsOptions = {}) {
    this.#isWholeCluster = options.isWholeCluster ?? false;
    this.store = store;
    this.domain = domain;
    this.grants = new ReferenceGrants(store);
    this.namespaces = namespacesOf(store, this.#isWholeCluster);
    for (const { metadata } of store.of('Service'))
      this.#hosts.add(
        `${metadata.namespace}/${serviceHostName(metadata.name, metadata.namespace, domain)}`,
      );
    for (const { spec, metadata } of store.of('ServiceEntry'))
      for (const host of spec.hosts) this.#hosts.add(`${metadata.namespace}/${host}`);
  }

  hasService(namespace: string, name: string): boolean {
    return this.store.find('Service', namespace, name) !== undefined;
  }

  hasConfigMap(namespace: string, name: string): boolean {
    return !this.#isWholeCluster || this.store.find('ConfigMap', namespace, name) !== undefined;
  }

  /**
   * Whether a service of the namespace has this very name.
   *
   * @source istio: pilot/pkg/config/kube/gatewaycommon/context.go, GetService
   */
  isServed(host: HostName, namespace: string): boolean {
    return this.#hosts.has(`${namespace}/${host}`);
  }

  /**
   * Why a Secret is no certificate with its key.
   *
   * @source istio: pilot/pkg/credentials/kube/secrets.go, ExtractCertInfo
   */
  certificateProblem(kind: 'Secret', namespace: string, name: string): string | undefined {
    const secret = this.store.find(kind, namespace, name);
    if (secret === undefined) return this.#missing('secret', namespace, name);
    const text = secretText(secret.spec, 'tls.crt') ?? secretText(secret.spec, 'cert');
    return isPem(text)
      ? undefined
      : 'the certificate is malformed: tls: failed to find any PEM data in certificate input';
  }

  /** Why an object holds no certificate authority. @source istio: the same file, ExtractRoot */
  authorityProblem(
    kind: 'Secret' | 'ConfigMap',
    namespace: string,
    name: string,
  ): string | undefined {
    const found = this.store.find(kind, namespace, name);
    if (found === undefined) return this.#missing(kind.toLowerCase(), namespace, name);
    const text =
      kind === 'Secret'
        ? secretText(this.store.find('Secret', namespace, name)!.spec, 'ca.crt')
        : this.store.find('ConfigMap', namespace, name)!.spec.data.get('ca.crt');
    return isPem(text) ? undefined : 'the bundle is malformed';
  }

  #missing(kind: string, namespace: string, name: string): string | undefined {
    return this.#isWholeCluster ? `${kind} ${namespace}/${name} not found` : undefined;
  }
}

function secretText(secret: SecretSpec, key: string): string | undefined {
  const encoded = secret.data.get(key);
  return encoded === undefined ? secret.stringData.get(key) : encoded;
}

/** `-----BEGIN`, plain or in Base64. */
function isPem(text: string | undefined): boolean {
  return text !== undefined && (text.includes('-----BEGIN') || text.startsWith('LS0tLS1CRUdJTi'));
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Manifests may leave out the namespaces that their objects are in. */
function namespacesOf(
  store: ResourceStore,
  isWholeCluster: boolean,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const labels = new Map<string, ReadonlyMap<string, string>>();
  for (const { metadata } of isWholeCluster ? [] : store.all())
    if (metadata.namespace !== '') labels.set(metadata.namespace, new Map());
  for (const { metadata } of store.of('Namespace')) labels.set(metadata.name, metadata.labels);
  return new Map(
    [...labels]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, own]) => [name, new Map(own).set(NAME_LABEL, name)]),
  );
}
