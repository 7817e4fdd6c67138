import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diagnosticReference } from './diagnostic-reference.ts';

it('the reference of diagnostics says what the tables say', async () => {
  const page = join(import.meta.dirname, '../../docs/reference/diagnostics.md');
  // To write it anew: npx vitest run -u src/config/diagnostic-reference
  await expect(diagnosticReference()).toMatchFileSnapshot(page);
  expect(readFileSync(page, 'utf8')).toContain('MS0002');
});
