import { expect, it } from 'vitest';
import { requestIdOf } from './request-id.ts';

it('is a version 4 UUID, the same for one request at every hop', () => {
  const key = { rootNumber: 7, streamHash: -5, callPathHash: 1 };
  const id = requestIdOf(key);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(requestIdOf({ ...key, callPathHash: 2 })).toBe(id);
  expect(requestIdOf({ ...key, rootNumber: 8 })).not.toBe(id);
});
