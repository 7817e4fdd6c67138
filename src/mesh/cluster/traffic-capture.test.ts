import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import type { Pod } from '#config/resource.ts';
import { storeOf } from '#config/resource-store.ts';
import { trafficCapture } from './traffic-capture.ts';

function captureOf(annotations: Readonly<Record<string, string>>) {
  const named = Object.entries(annotations).map(([name, value]) => [
    name === 'mode' ? 'sidecar.istio.io/interceptionMode' : `traffic.sidecar.istio.io/${name}`,
    value,
  ]);
  const metadata = { name: 'a', namespace: 'ns', annotations: Object.fromEntries(named) };
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec: {} });
  const [pod] = storeOf(loadText('pod.yaml', text).resources, []).of('Pod');
  return trafficCapture(pod as Pod);
}

describe('the connections that a sidecar takes', () => {
  it('are all, unless the pod says otherwise', () => {
    const capture = captureOf({});
    expect(capture.capturesOutbound('10.0.0.1:80')).toBe(true);
    expect(capture.capturesInbound(8080)).toBe(true);
  });

  it('leave out excluded ports and ranges', () => {
    const capture = captureOf({
      excludeOutboundPorts: '5432, 6379',
      excludeOutboundIPRanges: '169.254.169.254/32,10.1.0.0/16',
      excludeInboundPorts: '9000',
    });
    expect(capture.capturesOutbound('10.0.0.1:5432')).toBe(false);
    expect(capture.capturesOutbound('169.254.169.254:80')).toBe(false);
    expect(capture.capturesOutbound('10.1.200.3:80')).toBe(false);
    expect(capture.capturesOutbound('10.2.0.3:80')).toBe(true);
    expect(capture.capturesInbound(9000)).toBe(false);
    expect(capture.capturesInbound(9001)).toBe(true);
  });

  it('are those of the included ranges, and included ports whatever their address', () => {
    const capture = captureOf({
      includeOutboundIPRanges: '10.96.0.0/12',
      includeOutboundPorts: '443',
    });
    expect(capture.capturesOutbound('10.96.3.4:80')).toBe(true);
    expect(capture.capturesOutbound('1.2.3.4:80')).toBe(false);
    expect(capture.capturesOutbound('1.2.3.4:443')).toBe(true);
  });

  it('come in at included ports alone: exclusions mean something only beside all', () => {
    const capture = captureOf({ includeInboundPorts: '80,81', excludeInboundPorts: '81' });
    expect([80, 81, 82].map((port) => capture.capturesInbound(port))).toEqual([true, true, false]);
    expect(captureOf({ includeInboundPorts: '' }).capturesInbound(80)).toBe(false);
  });

  it('are none without interception', () => {
    const capture = captureOf({ mode: 'NONE' });
    expect(capture.capturesOutbound('10.0.0.1:80')).toBe(false);
    expect(capture.capturesInbound(80)).toBe(false);
  });
});
