import { join } from 'node:path';
import { expect, it } from 'vitest';
import { istioVersionReference } from './istio-version-reference.ts';

it('stands in the documentation as the table has it', async () => {
  const page = join(import.meta.dirname, '../../../docs/reference/istio-versions.md');
  await expect(istioVersionReference()).toMatchFileSnapshot(page);
});
