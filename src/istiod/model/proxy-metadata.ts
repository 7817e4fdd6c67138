import { proxyDefaultsOf } from '#config/mesh-config-read.ts';
import { formatProtoDuration, parseDuration } from '#source/duration.ts';
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
  const annotation = pod?.metadata.annotations.get(CONFIG_ANNOTATION);
  const mesh = model.meshConfig.defaultConfig?.proxyMetadata ?? [];
  const own = annotation === undefined ? [] : (proxyDefaultsOf(annotation)?.proxyMetadata ?? []);
  const variables = new Map([...mesh, ...own]);
  if (variables.size === 0) return proxy;
  return { ...proxy, metadata: { ...proxy.metadata, ...metadataOf(variables) } };
}

function metadataOf(variables: ReadonlyMap<string, string>): ProxyMetadata {
  const idleNs = parseDuration(variables.get('ISTIO_META_IDLE_TIMEOUT') ?? '');
  const http10 = variables.get('ISTIO_META_HTTP10');
  return {
    ...(idleNs === undefined ? {} : { idleTimeout: formatProtoDuration(idleNs) }),
    ...(http10 === undefined ? {} : { http10: http10 === '1' }),
  };
}
