import { describe, expect, it } from 'vitest';
import { uint64Of } from '#kernel/uint64.ts';
import type { RequestMirrorPolicy } from '#xds/route.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { HttpRequest } from '../network.ts';
import {
  compileMirrorPolicy,
  mirrorCluster,
  mirroredRequest,
  shouldShadow,
} from './mirror-policy.ts';

const request: HttpRequest = {
  method: 'GET',
  path: '/a',
  authority: 'svc:8080',
  scheme: 'http',
  headers: HeaderMap.of([
    ['x-a', '1'],
    ['x-to', 'other'],
  ]),
  bodyBytes: 0,
};
const policyOf = (xds: RequestMirrorPolicy) => compileMirrorPolicy(xds, () => {});
const copy = (xds: RequestMirrorPolicy) => mirroredRequest(policyOf(xds), request, '10.0.0.9');

describe('a mirrored request', () => {
  it('goes to the host with -shadow before the port, as an internal request of the proxy', () => {
    const { authority, headers } = copy({ cluster: 'm' });
    expect(authority).toBe('svc-shadow:8080');
    expect(headers.get('x-envoy-internal')).toBe('true');
    expect(headers.get('x-forwarded-for')).toBe('10.0.0.9');
    expect(request.headers.size).toBe(2);
  });

  it('keeps its host, or takes another, and has its own header changes', () => {
    expect(copy({ cluster: 'm', disableShadowHostSuffixAppend: true }).authority).toBe('svc:8080');
    expect(copy({ cluster: 'm', hostRewriteLiteral: 'm.example' }).authority).toBe('m.example');
    const mutated = copy({
      cluster: 'm',
      requestHeadersMutations: [
        { remove: 'x-a' },
        { append: { header: { key: 'x-b', value: '%REQ(x-to)%' } } },
      ],
    });
    expect(mutated.headers.has('x-a')).toBe(false);
    expect(mutated.headers.get('x-b')).toBe('other');
  });

  it('is made for the share of the stream randoms that its fraction takes', () => {
    const half = policyOf({
      cluster: 'm',
      runtimeFraction: { defaultValue: { numerator: 5000, denominator: 'TEN_THOUSAND' } },
    });
    expect([4999, 5000, 14999].map((random) => shouldShadow(half, uint64Of(random)))).toEqual([
      true,
      false,
      true,
    ]);
    expect(shouldShadow(policyOf({ cluster: 'm' }), uint64Of(99))).toBe(true);
  });

  it('may have its cluster named by a header', () => {
    expect(mirrorCluster(policyOf({ clusterHeader: 'X-To' }), request)).toBe('other');
    expect(mirrorCluster(policyOf({ clusterHeader: 'x-none' }), request)).toBe('');
  });
});
