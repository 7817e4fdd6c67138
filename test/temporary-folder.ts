import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whatever tests and the programs that they start leave in the temporary directory goes when they are over. */
export default function ownTemporaryFolder(): () => void {
  const former = process.env['TMPDIR'];
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-tests-'));
  process.env['TMPDIR'] = folder;
  return () => {
    if (former === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = former;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
