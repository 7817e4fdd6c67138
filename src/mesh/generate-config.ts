import type { MeshConfigSpec } from '#config/istio/mesh-config.ts';
import { generateParts } from '#istiod/generate.ts';
import { MeshModel, type MeshModelOptions } from '#istiod/model/mesh-model.ts';
import { withProxyMetadata } from '#istiod/model/proxy-metadata.ts';
import type { ClusterView } from './cluster/cluster-view.ts';
import type { Generate } from './config-version.ts';

/** What istiod is told beside the objects. */
export interface IstiodOptions {
  readonly meshConfig: MeshConfigSpec | undefined;
  /** 24 of 1.24; undefined = the newest. */
  readonly istioMinor: number | undefined;
  readonly defaultCreatedAtS: number;
}

/** Does some work of istiod's; whoever hands it in may say how. */
export type Translating = <T>(work: () => T) => T;

const AT_ONCE: Translating = (work) => work();

/** istiod over a state of the cluster. A state takes over what did not change from the one before. */
export function generatorFor(
  options: IstiodOptions,
  translating: Translating = AT_ONCE,
): (view: ClusterView) => Generate {
  const modelOptions: MeshModelOptions = options;
  let newest: MeshModel | undefined;
  return ({ store }) => {
    const model = newest?.next(store) ?? new MeshModel(store, modelOptions);
    newest = model;
    return (proxy) => translating(() => generateParts(model, withProxyMetadata(proxy, model)));
  };
}
