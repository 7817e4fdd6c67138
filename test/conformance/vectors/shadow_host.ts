import { shadowHost } from '#envoy/router/mirror-policy.ts';
import type { VectorAdapter } from './adapter.ts';

export const run: VectorAdapter = ({ host }: { readonly host: string }) => ({
  expect: shadowHost(host),
});
