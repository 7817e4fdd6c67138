import { meshConfigOf, readMeshConfig } from '#config/mesh-config-read.ts';
import type { Resource } from '#config/resource.ts';
import { type ResourceStore, storeOf } from '#config/resource-store.ts';
import { parseTimestampS } from '#istiod/model/creation-order.ts';
import { istioMinor } from '#istiod/model/istio-version.ts';
import {
  DEFAULT_MESH_CONFIG,
  effectiveMeshConfig,
  type MeshConfig,
} from '#istiod/model/mesh-config.ts';
import { civilDate } from '#kernel/civil-date.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import type { YamlDocument } from '#source/yaml-document.ts';
import type { IstiodOptions } from './generate-config.ts';
import { type NotModelled, notModelled } from './not-modelled.ts';

/** The objects of a mesh at the start, with what istiod is told beside them. */
export interface GivenMesh {
  readonly store: ResourceStore;
  readonly istiod: IstiodOptions;
  readonly meshConfig: MeshConfig;
  readonly notModelled: readonly NotModelled[];
}

export interface GivenMeshOptions {
  /** Wins over the one among the objects. */
  readonly meshConfig: YamlDocument | undefined;
  /** `1.24`; undefined = the newest. */
  readonly istioVersion: string | undefined;
  /** RFC 3339. */
  readonly epoch: string;
}

/** Puts the objects of some manifests together. Later ones replace earlier ones, with a note. */
export function givenMesh(
  resources: readonly Resource[],
  options: GivenMeshOptions,
  diagnostics: Diagnostic[],
): GivenMesh {
  const store = storeOf(resources, diagnostics);
  const written =
    options.meshConfig === undefined
      ? meshConfigOf(store, diagnostics)
      : readMeshConfig(options.meshConfig, diagnostics);
  const version = options.istioVersion;
  return {
    store,
    istiod: {
      meshConfig: written,
      istioMinor: version === undefined ? undefined : istioMinor(version),
      defaultCreatedAtS: defaultAgeS(options.epoch),
    },
    meshConfig: written === undefined ? DEFAULT_MESH_CONFIG : effectiveMeshConfig(written),
    notModelled: notModelled(store),
  };
}

/** Whether a version is one that can be asked for. */
export function isIstioVersion(version: string): boolean {
  return istioMinor(version) !== undefined;
}

/** Milliseconds since 1970 of an RFC 3339 time; 0 when it is none. */
export function epochMsOf(epoch: string): number {
  const text = epoch.includes(':') ? epoch : `${epoch}T00:00:00Z`;
  return (parseTimestampS(text) ?? 0) * 1000;
}

/** Objects without a creation time are equally old, and no older than the epoch. */
function defaultAgeS(epoch: string): number {
  return epochMsOf(epoch) / 1000;
}

/**
 * Objects that are applied `atNs` after the start: those that are new are younger than everything that
 * was there, those that replace one keep its age.
 */
export function appliedAt(
  resources: readonly Resource[],
  before: ResourceStore,
  baseAgeS: number,
  atNs: number,
): readonly Resource[] {
  const newestS = before
    .all()
    .map(({ metadata }) => parseTimestampS(metadata.creationTimestamp ?? '') ?? baseAgeS)
    .reduce((a, b) => Math.max(a, b), baseAgeS);
  const known = new Map(before.all().map((resource) => [identityOf(resource), resource]));
  return resources.map((resource) => {
    if (resource.metadata.creationTimestamp !== undefined) return resource;
    const old = known.get(identityOf(resource));
    const creationTimestamp =
      old === undefined
        ? timestampText(newestS + Math.ceil(atNs / 1e9))
        : old.metadata.creationTimestamp;
    return { ...resource, metadata: { ...resource.metadata, creationTimestamp } };
  });
}

/** The objects among `before` that `KIND/NAME`, `KIND/NAMESPACE/NAME` names. */
export function objectsNamed(text: string, before: ResourceStore): readonly Resource[] {
  const [kind = '', ...rest] = text.split('/');
  const name = rest.at(-1) ?? '';
  const namespace = rest.length > 1 ? rest[0] : undefined;
  return before
    .all()
    .filter(
      (resource) =>
        resource.kind.toLowerCase() === kind.toLowerCase() &&
        resource.metadata.name === name &&
        (namespace === undefined || resource.metadata.namespace === namespace),
    );
}

function identityOf({ kind, metadata }: Resource): string {
  return `${kind}/${metadata.namespace}/${metadata.name}`;
}

/** Seconds since 1970 as RFC 3339. */
function timestampText(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const { year, month, day } = civilDate(days);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(':');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}Z`;
}
