/** `import 'meshsim/testing/vitest'`: the matchers, known to Vitest and to its types. */
import { expect } from 'vitest';
import { type MeshsimMatchers, matchers } from './matchers.ts';

expect.extend(matchers);

declare module 'vitest' {
  // The type parameter's name and default have to be Vitest's own.
  // biome-ignore lint/suspicious/noExplicitAny: as Vitest declares it
  interface Matchers<T = any> extends MeshsimMatchers<T> {}
}
