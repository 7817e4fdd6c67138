import { describe, expect, it } from 'vitest';
import { ISTIO_CHANGES, istioBehaviours, istioMinor } from './istio-version.ts';

describe('the version of Istio', () => {
  it('is read from its text', () => {
    expect(istioMinor('1.24')).toBe(24);
    expect(istioMinor('1.24.3')).toBe(24);
    expect(istioMinor('2.0')).toBeUndefined();
    expect(istioMinor('1.16')).toBeUndefined();
  });

  it('changes one behaviour after another', () => {
    const changed = (minor: number) => {
      const now = istioBehaviours();
      const then = istioBehaviours(minor);
      return Object.keys(now).filter(
        (name) =>
          JSON.stringify(Reflect.get(now, name)) !== JSON.stringify(Reflect.get(then, name)),
      );
    };
    expect(changed(31)).toEqual([]);
    expect(changed(30)).toEqual(['sendsUnhealthyEndpoints', 'separatesGatewayNamespaces']);
    expect(changed(29)).toEqual([
      'picksBestNamespace',
      'sendsUnhealthyEndpoints',
      'separatesGatewayNamespaces',
    ]);
    expect(changed(27)).toContain('appendsShadowSuffix');
    expect(changed(23)).toContain('defaultRetriableStatusCodes');
    expect(changed(20)).toContain('mostSpecificWildcardWins');
    expect(changed(17)).toEqual(Object.keys(istioBehaviours()));
  });

  it('has one row for each behaviour, the newest first', () => {
    const undone = ISTIO_CHANGES.flatMap(({ before }) => Object.keys(before));
    expect(undone.sort()).toEqual(Object.keys(istioBehaviours()).sort());
    const versions = ISTIO_CHANGES.map(({ since }) => since);
    expect(versions).toEqual([...versions].sort((a, b) => b - a));
  });
});
