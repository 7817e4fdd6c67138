import { describe, expect, it } from 'vitest';
import { modelOf } from '../test-mesh.ts';

function policy(metadata: string, spec: string): string {
  return `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {${metadata}}
spec: ${spec}
---
`;
}

const mesh = policy('name: mesh, namespace: istio-system', '{mtls: {mode: STRICT}}');
const unset = policy('name: ns, namespace: ns', '{mtls: {mode: UNSET}}');
const workload = policy(
  'name: app, namespace: ns',
  '{selector: {matchLabels: {app: a}}, mtls: {mode: PERMISSIVE}, portLevelMtls: {8080: {mode: DISABLE}, 9090: {}}}',
);
const labels = (app: string) => new Map([['app', app]]);

describe('what a workload demands', () => {
  const index = modelOf(mesh + unset + workload).peerAuthentications;

  it('is inherited from mesh over namespace to workload', () => {
    expect(index.workloadMode('ns', labels('b')).mode).toBe('STRICT');
    expect(index.workloadMode('ns', labels('a')).mode).toBe('PERMISSIVE');
  });

  it('may differ by port; an unset port inherits', () => {
    expect(index.portMode('ns', labels('a'), 8080)).toBe('DISABLE');
    expect(index.portMode('ns', labels('a'), 9090)).toBe('PERMISSIVE');
    expect(index.portMode('ns', labels('a'), 80)).toBe('PERMISSIVE');
  });

  it('is PERMISSIVE where nobody says anything', () => {
    expect(modelOf('').peerAuthentications.workloadMode('ns', labels('a')).mode).toBe('PERMISSIVE');
    expect(modelOf('').peerAuthentications.namespaceMode('ns')).toBe('UNKNOWN');
  });

  it('is not told by a selector in the root namespace', () => {
    const root = policy(
      'name: r, namespace: istio-system',
      '{selector: {matchLabels: {app: a}}, mtls: {mode: DISABLE}}',
    );
    expect(modelOf(root).peerAuthentications.workloadMode('ns', labels('a')).mode).toBe(
      'PERMISSIVE',
    );
  });

  it('is decided by the oldest policy of a level', () => {
    const older = policy(
      'name: z, namespace: ns, creationTimestamp: "2020-01-01T00:00:00Z"',
      '{mtls: {mode: DISABLE}}',
    );
    const newer = policy(
      'name: a, namespace: ns, creationTimestamp: "2021-01-01T00:00:00Z"',
      '{mtls: {mode: STRICT}}',
    );
    expect(modelOf(newer + older).peerAuthentications.namespaceMode('ns')).toBe('DISABLE');
  });
});
