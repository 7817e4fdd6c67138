import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FILES_WITHOUT_SOURCE, LONGER_FILES, USUAL_LINES } from './tidy/exceptions.ts';
import { filesBelow, importsOf, layerOf, ROOT, type SourceFile } from './tidy/source-tree.ts';

/** Which folders of `src` an import may go to (docs/architecture.md); everybody may use kernel's assert. */
const ARROWS: ReadonlyMap<string, readonly string[]> = new Map([
  ['kernel', []],
  ['source', ['kernel']],
  ['xds', ['source']],
  ['config', ['source']],
  ['istiod', ['config', 'xds', 'source']],
  ['telemetry', ['kernel', 'source']],
  ['envoy', ['xds', 'telemetry', 'kernel']],
  ['world', ['envoy', 'telemetry', 'kernel']],
  ['mesh', ['kernel', 'source', 'xds', 'config', 'istiod', 'telemetry', 'envoy', 'world']],
  ['scenario', ['mesh', 'world', 'telemetry', 'source', 'kernel']],
  ['report', ['scenario', 'mesh', 'telemetry', 'config', 'xds', 'source']],
  ['cli', ['*']],
  ['testing', ['*']],
]);

const sources = filesBelow('src', ['.ts']);
const production = sources.filter((file) => !file.path.endsWith('.test.ts'));

describe('the source tree', () => {
  it('imports only along the arrows of docs/architecture.md', () => {
    expect(production.flatMap(importsOf).flatMap(wrongArrow)).toEqual([]);
  });

  it('names the folder in an import that crosses folders', () => {
    const crossing = sources
      .flatMap(importsOf)
      .filter(
        (it) =>
          it.specifier.startsWith('.') &&
          it.to?.startsWith('src/') &&
          layerOf(it.from) !== layerOf(it.to),
      );
    const inside = crossing.filter((it) => it.from !== 'src/index.ts');
    expect(
      inside.map((it) => `${it.from}:${it.line}: write '#…' instead of '${it.specifier}'`),
    ).toEqual([]);
  });

  it('has no import cycle between files', () => {
    expect(cyclesOf(production)).toEqual([]);
  });

  it('uses node: modules in cli alone', () => {
    const users = production
      .flatMap(importsOf)
      .filter(
        (it) =>
          it.specifier.startsWith('node:') &&
          layerOf(it.from) !== 'cli' &&
          layerOf(it.from) !== 'testing',
      );
    expect(users.map((it) => `${it.from}:${it.line}: ${it.specifier}`)).toEqual([]);
  });

  it('draws no ambient randomness', () => {
    const users = production.filter((file) =>
      /Math\.random|localeCompare|toLocale/.test(file.text),
    );
    expect(users.map((file) => file.path)).toEqual([]);
  });

  it('imports only files that exist', () => {
    const missing = sources
      .flatMap(importsOf)
      .filter((it) => it.to !== undefined && !existsSync(join(ROOT, it.to)));
    expect(missing.map((it) => `${it.from}:${it.line}: ${it.specifier}`)).toEqual([]);
  });

  it(`keeps files under ${USUAL_LINES} lines, or under what their exception says`, () => {
    const long = production.flatMap(({ path, text }) => {
      const lines = text.split('\n').length;
      const limit = LONGER_FILES.get(path)?.lines ?? USUAL_LINES;
      return lines > limit ? [`${path}: ${lines} lines: split off a concept (limit ${limit})`] : [];
    });
    expect(long).toEqual([]);
  });

  it('needs every exception for long files', () => {
    const lengths = new Map(production.map(({ path, text }) => [path, text.split('\n').length]));
    const unneeded = [...LONGER_FILES.keys()].filter(
      (path) => (lengths.get(path) ?? 0) <= USUAL_LINES,
    );
    expect(unneeded.map((path) => `${path}: take it off the list`)).toEqual([]);
  });

  it('names the source of its rules in every file of istiod and envoy', () => {
    const planes = production.filter(({ path }) => /^src\/(?:istiod|envoy)\//.test(path));
    const bare = planes.filter(({ text }) => !text.includes('@source')).map(({ path }) => path);
    const allowed = [...FILES_WITHOUT_SOURCE.values()].flat();
    const unnamed = bare.filter((path) => !allowed.includes(path));
    expect(unnamed.map((path) => `${path}: add @source istio: or envoy: FILE`)).toEqual([]);
    const unneeded = allowed.filter((path) => !bare.includes(path));
    expect(unneeded.map((path) => `${path}: take it off the list`)).toEqual([]);
  });

  it('names no person, tool session or machine path', () => {
    const marked = sources.filter((file) => /\/work\/(main|shared)|\/tmp\/team/.test(file.text));
    expect(marked.map((file) => file.path)).toEqual([]);
  });
});

describe('the documents', () => {
  it('link only to what exists', () => {
    const pages = filesBelow('', ['.md']);
    expect(pages.flatMap(deadLinks)).toEqual([]);
  });

  it('are each linked from another one', () => {
    const linked = new Set(filesBelow('', ['.md']).flatMap(linksOf));
    const orphans = filesBelow('docs', ['.md']).filter(({ path }) => !linked.has(path));
    expect(orphans.map(({ path }) => `${path}: no page leads there`)).toEqual([]);
  });

  it('list every decision by its title', () => {
    const [index, ...decisions] = filesBelow('docs/adr', ['.md']).reverse();
    const titles = decisions.map(({ text }) => text.split('\n')[0]?.replace(/^# \d+\. /, ''));
    expect(titles.length).toBeGreaterThan(5);
    for (const title of titles) expect(index?.text).toContain(`| ${title} |`);
  });
});

function wrongArrow(it: { from: string; to: string | undefined; line: number }): string[] {
  const from = layerOf(it.from);
  const to = it.to === undefined ? undefined : layerOf(it.to);
  if (from === undefined || to === undefined || from === to) return [];
  if (it.to === 'src/kernel/assert.ts') return [];
  const allowed = ARROWS.get(from) ?? [];
  if (allowed.includes('*') || allowed.includes(to)) return [];
  return [`${it.from}:${it.line}: ${from} may not import from ${to}`];
}

function cyclesOf(files: readonly SourceFile[]): string[] {
  const edges = new Map(
    files.map((file) => [file.path, importsOf(file).flatMap((it) => it.to ?? [])]),
  );
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    state.set(path, 'open');
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const file of files) visit(file.path, []);
  return cycles;
}

function deadLinks(page: SourceFile): string[] {
  return linksOf(page)
    .filter((path) => !existsSync(join(ROOT, path)))
    .map((path) => `${page.path}: ${path}`);
}

/** What a page links to among our own files, as paths from the root. */
function linksOf({ path, text }: SourceFile): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((match) => match[1] ?? '')
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => join(dirname(path), link));
}
