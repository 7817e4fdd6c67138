import { proxyDefaultsOf } from '#config/mesh-config-read.ts';
import { formatProtoDuration, parseDuration } from '#source/duration.ts';
import type { IstioBehaviours } from './istio-version.ts';
import type { MeshModel } from './mesh-model.ts';
import type { ProxyMetadata, ProxyModel } from './proxy.ts';

const CONFIG_ANNOTATION = 'proxy.istio.io/config';

/**
 * A proxy with what the mesh's `defaultConfig.proxyMetadata` and the pod's own `proxy.istio.io/config`
 * say of it; the pod's wins, name by name.
 *
 * @source istio: pkg/config/mesh/mesh.go, ApplyProxyConfig; pkg/bootstrap/config.go, extractMetadata
 */
export function withProxyMetadata(proxy: ProxyModel, model: MeshModel): ProxyModel {
  const pod = model.workloads.podNamed(proxy.namespace, proxy.name);
  const metadata = proxyMetadataOf(pod?.metadata.annotations, model);
  return metadata === undefined
    ? proxy
    : { ...proxy, metadata: { ...proxy.metadata, ...metadata } };
}

/** What the mesh and a pod's annotations say of its proxy; undefined when nobody says anything. */
export function proxyMetadataOf(
  annotations: ReadonlyMap<string, string> | undefined,
  { meshConfig, behaviours }: Pick<MeshModel, 'meshConfig' | 'behaviours'>,
): ProxyMetadata | undefined {
  const annotation = annotations?.get(CONFIG_ANNOTATION);
  const mesh = meshConfig.defaultConfig?.proxyMetadata ?? [];
  const own = annotation === undefined ? [] : (proxyDefaultsOf(annotation)?.proxyMetadata ?? []);
  const variables = new Map([...mesh, ...own]);
  return variables.size === 0 ? undefined : metadataOf(variables, behaviours);
}

function metadataOf(
  variables: ReadonlyMap<string, string>,
  { allocatesAddressesByItself }: IstioBehaviours,
): ProxyMetadata {
  const isOn = (name: string) => variables.get(name) === 'true' || variables.get(name) === '1';
  const hasAddresses = allocatesAddressesByItself || isOn('ISTIO_META_DNS_AUTO_ALLOCATE');
  const idleNs = parseDuration(variables.get('ISTIO_META_IDLE_TIMEOUT') ?? '');
  const http10 = variables.get('ISTIO_META_HTTP10');
  return {
    ...(idleNs === undefined ? {} : { idleTimeout: formatProtoDuration(idleNs) }),
    ...(http10 === undefined ? {} : { http10: http10 === '1' }),
    ...(isOn('ISTIO_META_DNS_CAPTURE') && hasAddresses ? { capturesDns: true } : {}),
  };
}
