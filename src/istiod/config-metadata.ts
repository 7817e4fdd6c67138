import type { Metadata } from '#xds/core.ts';

/**
 * The metadata by which generated configuration names its resource: a path in the API server.
 *
 * @source istio: pilot/pkg/networking/util/util.go, BuildConfigInfoMetadata
 */
export function configMetadata(
  kind: 'virtual-service' | 'sidecar',
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Metadata {
  const config = `/apis/networking.istio.io/v1/namespaces/${namespace}/${kind}/${name}`;
  return { filterMetadata: { istio: { config } } };
}
