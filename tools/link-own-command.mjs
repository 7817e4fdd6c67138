// npx looks for a command among the dependencies, not in the package that it stands in: after a build of a
// checkout this puts meshsim there, so that `npx meshsim` runs the checkout.
import { chmodSync, existsSync, rmSync, symlinkSync } from 'node:fs';

const link = new URL('../node_modules/.bin/meshsim', import.meta.url);
if (process.platform !== 'win32' && existsSync(new URL('.', link))) {
  chmodSync(new URL('../dist/cli/main.js', import.meta.url), 0o755);
  rmSync(link, { force: true });
  symlinkSync('../../dist/cli/main.js', link);
}
