import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWithShared } from '../../test/needs.ts';
import { SHARED, shared } from '../../test/shared-data.ts';
import { loadResources } from './loader.ts';
import { storeOf } from './resource-store.ts';

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

describeWithShared('published manifests', () => {
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
    const loaded = loadResources([shared(join('real', name))], files);
    expect(loaded.diagnostics.map((d) => `${d.at?.file}:${d.at?.line} ${d.message}`)).toEqual([]);
    expect(loaded.resources.length).toBeGreaterThan(0);
  });

  const cases = SHARED === undefined ? [] : readdirSync(shared('cases/istio'));
  it.each(cases)('of case %s load without an error', (name) => {
    const loaded = loadResources([shared(join('cases/istio', name, 'mesh.yaml'))], files);
    const diagnostics = [...loaded.diagnostics];
    const store = storeOf(loaded.resources, diagnostics);
    expect(diagnostics.map((d) => `${d.at?.file}:${d.at?.line} ${d.message}`)).toEqual([]);
    expect(store.all().length).toBe(loaded.resources.length);
  });
});
