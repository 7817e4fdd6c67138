import { loadText } from '#config/loader.ts';
import { readMeshConfig } from '#config/mesh-config-read.ts';
import type { Resource } from '#config/resource.ts';
import { storeOf } from '#config/resource-store.ts';
// Cases are run without waiting, so the engine of regular expressions comes along.
import '#envoy/re2.ts';
import { generateForProxy, reducedEndpointsOf } from '#istiod/generate.ts';
import { parseTimestampS } from '#istiod/model/creation-order.ts';
import { MeshModel } from '#istiod/model/mesh-model.ts';
import { proxyOf, withTopologyLabels } from '#istiod/model/proxy.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import { readYaml } from '#source/yaml-read.ts';
import { callAddress } from './istio-case-address.ts';
import { type CaseCall, callOf, expectationOf } from './istio-case-call.ts';
import { resolveCall } from './resolve-call.ts';

/** `case.json` of a case of the control plane. */
export interface IstioCase {
  readonly proxy: {
    readonly kind: 'sidecar' | 'gateway';
    readonly name: string;
    readonly namespace: string;
    readonly labels?: { readonly [name: string]: string };
    readonly ip: string;
    readonly locality?: string;
  };
  readonly meshConfig?: object;
  readonly calls?: readonly CaseCall[];
}

/** Istio's resources of a case that do not tell their age were all made then; Kubernetes' own long before. */
const CREATED_AT_S = parseTimestampS('2026-08-01T00:00:00Z') ?? 0;

/**
 * Runs a case: the configuration of its proxy, in the form of the goldens, and what becomes of its calls.
 * `case` is the parsed `case.json`, whose form is the case folder's own.
 */
export function istioCase(files: { readonly mesh: string; readonly case: unknown }): unknown {
  const given = files.case as IstioCase;
  const diagnostics: Diagnostic[] = [];
  const resources = loadText('mesh.yaml', files.mesh).resources.map(agedByKind);
  const store = storeOf(resources, diagnostics);
  const model = new MeshModel(store, {
    meshConfig: meshConfigOf(given.meshConfig, diagnostics),
    defaultCreatedAtS: CREATED_AT_S,
  });
  const labels = new Map(Object.entries(given.proxy.labels ?? {}));
  const proxy = withTopologyLabels(proxyOf({ ...given.proxy, labels }));
  const generated = generateForProxy(model, proxy);
  const { clusters, listeners, routes } = generated;
  const calls = (given.calls ?? []).map((call) => {
    const address = call.address ?? callAddress(call.authority ?? '', proxy, model);
    return expectationOf(resolveCall(generated, callOf(call, address)));
  });
  const endpoints = reducedEndpointsOf(generated);
  return { clusters, endpoints, listeners, routes, calls };
}

/** An API server's objects without an age are the oldest: their time is Go's zero. */
function agedByKind(resource: Resource): Resource {
  const { metadata, apiVersion } = resource;
  if (apiVersion.includes('istio.io/') || metadata.creationTimestamp !== undefined) return resource;
  const aged = { ...metadata, creationTimestamp: '1970-01-01T00:00:00Z' };
  return Object.create(resource, { metadata: { value: aged, enumerable: true } });
}

function meshConfigOf(meshConfig: object | undefined, diagnostics: Diagnostic[]) {
  if (meshConfig === undefined) return undefined;
  const { documents } = readYaml('case.json', JSON.stringify(meshConfig), 'kubernetes');
  return readMeshConfig(documents[0]!, diagnostics);
}
