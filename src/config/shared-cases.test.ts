import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadResources } from './loader.ts';
import { storeOf } from './resource-store.ts';

/** The shared data lies in `$MESHSIM_SHARED`, else beside the repository; a clone may have none. */
const shared = [process.env['MESHSIM_SHARED'], join(import.meta.dirname, '../../../shared')].find(
  (path) => path !== undefined && isFolder(path),
);
if (shared === undefined)
  process.stderr.write('the shared data is absent: its manifests are not loaded\n');

const files = {
  readFile: (path: string) => ({ text: readFileSync(path, 'utf8') }),
  listFiles: (path: string) =>
    isFolder(path)
      ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
      : undefined,
};

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

describe.skipIf(shared === undefined)('published manifests', () => {
  it.each([
    'bookinfo',
    'curl',
    'external',
    'helloworld',
    'httpbin',
    'online-boutique',
    'tcp-echo',
    'travels',
    'gateway-api-conversion',
  ])('of %s load without an error', (name) => {
    const loaded = loadResources([join(shared!, 'real', name)], files);
    expect(loaded.diagnostics.map((d) => `${d.at?.file}:${d.at?.line} ${d.message}`)).toEqual([]);
    expect(loaded.resources.length).toBeGreaterThan(0);
  });

  const cases = shared === undefined ? [] : readdirSync(join(shared, 'cases/istio'));
  it.each(cases)('of case %s load without an error', (name) => {
    const loaded = loadResources([join(shared!, 'cases/istio', name, 'mesh.yaml')], files);
    const diagnostics = [...loaded.diagnostics];
    const store = storeOf(loaded.resources, diagnostics);
    expect(diagnostics.map((d) => `${d.at?.file}:${d.at?.line} ${d.message}`)).toEqual([]);
    expect(store.all().length).toBe(loaded.resources.length);
  });
});
