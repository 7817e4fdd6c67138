/** `import 'meshsim/testing/jest'`: the matchers, known to Jest's global `expect` and to its types. */
import { type MeshsimMatchers, matchers } from './matchers.ts';

declare global {
  namespace jest {
    interface Matchers<R> extends MeshsimMatchers<R> {}
  }
}

const found: unknown = Reflect.get(globalThis, 'expect');
if (!isExtensible(found)) throw new Error('meshsim/testing/jest wants the global expect of Jest');
found.extend(matchers);

function isExtensible(value: unknown): value is { extend(more: typeof matchers): void } {
  return typeof value === 'function' && 'extend' in value && typeof value.extend === 'function';
}
