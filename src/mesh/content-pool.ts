import type { ConfigPart } from '#envoy/proxy-environment.ts';
import { sameContent } from '#envoy/same-content.ts';
import type { GeneratedPart } from '#istiod/generated-parts.ts';
import type { FieldOrigins, Origins, Provenance } from '#istiod/origin.ts';
import type { RouteConfiguration } from '#xds/route.ts';
import { contentHash } from './content-hash.ts';

export type { Provenance } from '#istiod/origin.ts';

/**
 * Makes equal configuration one object: proxies of different classes and successive versions share
 * what is equal in content, so that it is compiled once and what did not change keeps its state.
 */
export class ContentPool implements Provenance {
  readonly #origins: Origins = new WeakMap();
  readonly #fieldOrigins: FieldOrigins = new WeakMap();
  /** By hash; objects of one hash are compared. */
  readonly #byContent = new Map<number, object[]>();
  /** What was seen before needs no second look. */
  readonly #byIdentity = new WeakMap<object, object>();
  readonly #numbers = new WeakMap<object, number>();
  #numberCount = 0;
  readonly #parts = new WeakMap<GeneratedPart, ConfigPart>();
  readonly #allParts: ConfigPart[] = [];
  /** First objects of their content whose origins nobody has asked for: most runs never do. */
  readonly #unnoted = new Map<object, Provenance>();

  get origins(): Origins {
    this.#noteAll();
    return this.#origins;
  }

  get fieldOrigins(): FieldOrigins {
    this.#noteAll();
    return this.#fieldOrigins;
  }

  /** Every part of a configuration that was handed out, in order. */
  get parts(): Iterable<ConfigPart> {
    return this.#allParts;
  }

  /** A part of a configuration, made of the first objects of their content. */
  sharedPart(part: GeneratedPart, provenance: Provenance): ConfigPart {
    let shared = this.#parts.get(part);
    if (shared === undefined) {
      shared = {
        clusters: this.#sharedList(part.clusters, provenance),
        endpoints: this.#sharedList([...part.endpoints.values()], provenance),
        listeners: this.#sharedList(part.listeners, provenance),
        routes: part.routes.map((routes) => this.#sharedRoutes(routes, provenance)),
      };
      this.#parts.set(part, shared);
      this.#allParts.push(shared);
    }
    return shared;
  }

  /** The first object of this content. The newest origin stays. */
  shared<T extends object>(value: T, provenance: Provenance): T {
    const seen = this.#byIdentity.get(value);
    if (seen !== undefined) return seen as T; // Filed under the very value.
    const known = this.#firstLike(value);
    this.#byIdentity.set(value, known);
    if (known === value) this.#unnoted.set(value, provenance);
    else {
      this.#note(known);
      this.#copyOrigins(value, known, provenance);
    }
    return known;
  }

  #sharedList<T extends object>(values: readonly T[], provenance: Provenance): readonly T[] {
    return values.map((value) => this.shared(value, provenance));
  }

  /**
   * Virtual hosts are shared one by one: a push changes few of many, and route configurations of
   * several namespaces have most in common.
   */
  #sharedRoutes(routes: RouteConfiguration, provenance: Provenance): RouteConfiguration {
    const seen = this.#byIdentity.get(routes);
    if (seen !== undefined) return seen as RouteConfiguration; // Filed under the very value.
    const given = routes.virtualHosts ?? [];
    const virtualHosts = this.#sharedList(given, provenance);
    const isOwn = virtualHosts.every((virtualHost, index) => virtualHost === given[index]);
    const value = isOwn ? routes : { ...routes, virtualHosts };
    const known = this.#firstLike(value, this.#routesHash(value));
    this.#byIdentity.set(routes, known);
    return known;
  }

  /** By name and by which virtual hosts there are: they are the first of their content. */
  #routesHash({ name, virtualHosts = [] }: RouteConfiguration): number {
    let hash = contentHash(name);
    for (const virtualHost of virtualHosts) {
      let number = this.#numbers.get(virtualHost);
      if (number === undefined) {
        number = ++this.#numberCount;
        this.#numbers.set(virtualHost, number);
      }
      hash = (Math.imul(hash, 31) + number) | 0;
    }
    return hash;
  }

  #firstLike<T extends object>(value: T, hash = contentHash(value)): T {
    const rivals = this.#byContent.get(hash);
    if (rivals === undefined) {
      this.#byContent.set(hash, [value]);
      return value;
    }
    const known = rivals.find((rival) => sameContent(rival, value));
    if (known === undefined) rivals.push(value);
    return (known ?? value) as T; // Equal content, hence the same type.
  }

  #noteAll(): void {
    for (const value of this.#unnoted.keys()) this.#note(value);
  }

  #note(value: object): void {
    const provenance = this.#unnoted.get(value);
    if (provenance === undefined) return;
    this.#unnoted.delete(value);
    this.#copyOrigins(value, value, provenance);
  }

  /** Walks two equal objects side by side; what stands under the same name belongs together. */
  #copyOrigins(from: object, to: object, provenance: Provenance): void {
    this.#copyOwnOrigins(from, to, provenance);
    for (const name of Object.keys(from)) {
      const child: unknown = Reflect.get(from, name);
      const twin: unknown = Reflect.get(to, name);
      if (isObject(child) && isObject(twin)) this.#copyOrigins(child, twin, provenance);
    }
  }

  #copyOwnOrigins(from: object, to: object, provenance: Provenance): void {
    const origin = provenance.origins.get(from);
    if (origin !== undefined) this.#origins.set(to, origin);
    const fields = provenance.fieldOrigins.get(from);
    if (fields !== undefined) this.#fieldOrigins.set(to, fields);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
