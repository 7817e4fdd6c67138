import type { Files } from '#config/loader.ts';
import type { Resource } from '#config/resource.ts';
import { generateForProxy, type ProxyConfig } from '#istiod/generate.ts';
import { MeshModel } from '#istiod/model/mesh-model.ts';
import { withProxyMetadata } from '#istiod/model/proxy-metadata.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import { didYouMeanHint } from '#source/did-you-mean.ts';
import type { SourceFile } from '#source/source-file.ts';
import { type ClusterView, clusterView } from './cluster/cluster-view.ts';
import type { PodFacts } from './cluster/pod-facts.ts';
import { ClusterDns } from './cluster-dns.ts';
import { givenMesh } from './given-mesh.ts';
import { loadManifests, type ManifestSource } from './manifests.ts';
import { proxyModelOf } from './proxy-runtime.ts';

/** A mesh at rest, read from manifests: what would be sent to each of its proxies. */
export interface InspectedMesh {
  readonly view: ClusterView;
  readonly model: MeshModel;
  readonly dns: ClusterDns;
}

export interface InspectedFiles {
  readonly mesh: InspectedMesh;
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads manifests as a run would at its start. */
export function inspectMesh(
  sources: readonly ManifestSource[],
  files: Files,
  istioVersion: string | undefined,
): InspectedFiles {
  const loaded = loadManifests(sources, files);
  const diagnostics = [...loaded.diagnostics];
  const mesh = inspectResources(loaded.resources, istioVersion, diagnostics);
  return { mesh, files: loaded.files, diagnostics };
}

/** The mesh that these objects make. */
export function inspectResources(
  resources: readonly Resource[],
  istioVersion: string | undefined,
  diagnostics: Diagnostic[],
): InspectedMesh {
  const options = { meshConfig: undefined, istioVersion, epoch: '1970-01-01' };
  const given = givenMesh(resources, options, diagnostics);
  const view = clusterView(given.store, {
    injection: 'all',
    withoutSidecar: new Set(),
    replicas: new Map(),
    gone: new Set(),
  });
  const model = new MeshModel(view.store, given.istiod);
  return { view, model, dns: new ClusterDns(view) };
}

export type FoundProxy =
  | { readonly pod: PodFacts }
  | { readonly problem: string; readonly hint: string };

/**
 * A proxy by `POD`, `POD.NAMESPACE`, or the name of a workload, whose first pod it is; with what it is
 * before it, as istioctl takes it: `deploy/NAME`, `pod/NAME`.
 */
export function findProxy(
  view: ClusterView,
  target: string,
  namespace: string | undefined,
): FoundProxy {
  const text = target.slice(target.indexOf('/') + 1);
  const dot = text.lastIndexOf('.');
  const isMatch = (pod: PodFacts, name: string, wanted: string | undefined) =>
    (pod.name === name || pod.workload === name) &&
    (wanted === undefined || pod.namespace === wanted);
  const found =
    view.pods.find((pod) => isMatch(pod, text, namespace)) ??
    view.pods.find((pod) => dot > 0 && isMatch(pod, text.slice(0, dot), text.slice(dot + 1)));
  if (found !== undefined && found.proxy !== 'none') return { pod: found };
  const names = view.pods.filter(({ proxy }) => proxy !== 'none').map(({ name }) => name);
  if (found !== undefined)
    return {
      problem: `the pod "${found.name}" has no proxy`,
      hint: `proxies: ${names.join(', ')}`,
    };
  const hint = didYouMeanHint(text, names) ?? `proxies: ${names.slice(0, 20).join(', ')}`;
  return { problem: `the mesh has no pod "${text}"`, hint };
}

/** What istiod would send to the proxy of a pod. */
export function configOf({ model }: InspectedMesh, pod: PodFacts): ProxyConfig {
  return generateForProxy(model, withProxyMetadata(proxyModelOf(pod), model));
}
