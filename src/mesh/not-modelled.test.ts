import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import { storeOf } from '#config/resource-store.ts';
import { notModelled } from './not-modelled.ts';

const object = (apiVersion: string, kind: string, name: string) =>
  `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, namespace: 'shop' }, spec: {} })}\n`;

describe('objects that would change traffic and are not simulated', () => {
  it('are named by kind, those of the Gateway API’s extensions too', () => {
    const text =
      object('gateway.networking.x-k8s.io/v1alpha1', 'XBackendTrafficPolicy', 'sticky') +
      object('gateway.networking.k8s.io/v1', 'ListenerSet', 'more') +
      object('inference.networking.k8s.io/v1', 'InferencePool', 'pool') +
      object('gateway.networking.k8s.io/v1', 'HTTPRoute', 'route') +
      object('v1', 'ConfigMap', 'other');
    expect(notModelled(storeOf(loadText('mesh.yaml', text).resources, []))).toEqual([
      { kind: 'InferencePool', objects: ['shop/pool'] },
      { kind: 'ListenerSet', objects: ['shop/more'] },
      { kind: 'XBackendTrafficPolicy', objects: ['shop/sticky'] },
    ]);
  });
});
