import { spawnSync } from 'node:child_process';
import { describe, it } from 'vitest';
import { SHARED } from './shared-data.ts';

type Options = { readonly timeout?: number };

/**
 * A `describe` of tests that need something which not every machine has. Without it they are left out,
 * which is said; under `.ci/run`, which installs it (`MESHSIM_NEEDS_ALL`), they fail.
 */
export function describeWith(
  need: string,
  isHere: boolean,
): (title: string, body: () => void, options?: Options) => void {
  return (title, body, options = {}) => {
    if (isHere) describe(title, options, body);
    else if (process.env['MESHSIM_NEEDS_ALL'] === undefined) {
      process.stderr.write(`${need} is not here: left out: ${title}\n`);
      describe.skip(title, body);
    } else {
      describe(title, () => {
        it(`has ${need}`, () => {
          throw new Error(`.ci/run must have installed ${need}`);
        });
      });
    }
  };
}

/** Tests that read the shared cases and manifests. */
export const describeWithShared = describeWith(
  'the shared data ($MESHSIM_SHARED)',
  SHARED !== undefined,
);

/** The first of those programs that can be run. */
export function installed(names: readonly string[]): string | undefined {
  return names.find((name) => spawnSync(name, ['--version']).status === 0);
}
