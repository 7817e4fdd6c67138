import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const PREFIX = 'meshsim-tests-';

/**
 * Whatever tests and the programs that they start leave in the temporary directory goes when they are over.
 * The projects of one run share it: three folders deep, Chromium's socket has a name that is too long.
 */
export default function ownTemporaryFolder(): () => void {
  const former = process.env['TMPDIR'];
  if (basename(former ?? '').startsWith(PREFIX)) return () => {};
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  process.env['TMPDIR'] = folder;
  return () => {
    if (former === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = former;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
