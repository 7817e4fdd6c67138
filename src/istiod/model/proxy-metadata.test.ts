import { describe, expect, it } from 'vitest';
import { modelOf, proxyNamed } from '../test-mesh.ts';
import { withProxyMetadata } from './proxy-metadata.ts';

const POD = `
apiVersion: v1
kind: Pod
metadata:
  name: client
  namespace: ns
  annotations:
    proxy.istio.io/config: |
      proxyMetadata:
        ISTIO_META_IDLE_TIMEOUT: 90s
spec: {containers: [{name: main}]}
`;

const mesh = {
  meshConfig: {
    defaultConfig: { proxyMetadata: { ISTIO_META_IDLE_TIMEOUT: '1500ms', ISTIO_META_HTTP10: '1' } },
  },
};

describe("a proxy's settings", () => {
  it('are the default ones of the mesh', () => {
    const proxy = withProxyMetadata(proxyNamed(), modelOf('', mesh));
    expect(proxy.metadata).toEqual({ idleTimeout: '1.500s', http10: true });
  });

  it("give way to the pod's own, name by name", () => {
    const proxy = withProxyMetadata(proxyNamed(), modelOf(POD, mesh));
    expect(proxy.metadata).toEqual({ idleTimeout: '90s', http10: true });
  });

  it('capture DNS where asked to; before 1.25 only with allocation asked for as well', () => {
    const capture = (istioMinor: number, more: Readonly<Record<string, string>> = {}) => {
      const proxyMetadata = { ISTIO_META_DNS_CAPTURE: 'true', ...more };
      const model = modelOf('', { meshConfig: { defaultConfig: { proxyMetadata } }, istioMinor });
      return withProxyMetadata(proxyNamed(), model).metadata.capturesDns;
    };
    expect(capture(25)).toBe(true);
    expect(capture(24)).toBeUndefined();
    expect(capture(24, { ISTIO_META_DNS_AUTO_ALLOCATE: 'true' })).toBe(true);
  });

  it('leave a proxy as it is when nobody says anything', () => {
    const proxy = proxyNamed();
    expect(withProxyMetadata(proxy, modelOf(''))).toBe(proxy);
  });
});
