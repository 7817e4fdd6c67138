import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../tidy/source-tree.ts';
import { FIGURES_FILE, type Figure, type Figures, measureFigures } from './figures.ts';

const PAGE = join(ROOT, 'docs/fidelity.md');
const BEGIN = '<!-- figures: written by `npm run fidelity:table`, do not edit -->';
const END = '<!-- figures end -->';

/** Measures every kind and writes the figures into docs/fidelity.md and figures.json. */
export async function writeFidelityTable(): Promise<void> {
  const figures = await measureFigures();
  writeFileSync(FIGURES_FILE, `${JSON.stringify(figures, null, 2)}\n`);
  const page = readFileSync(PAGE, 'utf8');
  const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  const after = page.slice(page.indexOf(END));
  writeFileSync(PAGE, `${before}\n\n${tables(figures)}\n${after}`);
}

function tables(figures: Figures): string {
  return [kindTable(figures), vectorsTable(figures), failures(figures)].join('\n');
}

function kindTable(figures: Figures): string {
  const rows = Object.entries(figures).map(
    ([kind, it]) =>
      `| ${kind} | ${it.casesHeld} of ${it.cases} | ${it.checksHeld} of ${it.checks} |`,
  );
  return ['| kind | cases | checks |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function vectorsTable(figures: Figures): string {
  const failing = Object.keys(figures['vectors']?.failing ?? {});
  const perFile = groupBy(failing, (name) => name.split('/')[0] ?? '');
  const rows = [...perFile].sort().map(([file, names]) => `| ${file} | ${names.length} |`);
  if (rows.length === 0) return 'Every case of every vectors file holds.\n';
  return ['| vectors file | cases that do not hold |', '| --- | --- |', ...rows, ''].join('\n');
}

function failures(figures: Figures): string {
  const causes = JSON.parse(
    readFileSync(join(ROOT, 'test/conformance/causes.json'), 'utf8'),
  ) as Record<string, string>;
  const all = Object.entries(figures).flatMap(([kind, it]) => named(kind, it));
  const byCause = groupBy(all, (name) => causes[name] ?? 'Cause not found yet');
  const lines = [...byCause].sort().map(([cause, names]) => `- **${cause}**: ${names.join(', ')}`);
  if (lines.length === 0) return 'No public case fails.\n';
  return ['### Failures by missing rule', '', ...lines, ''].join('\n');
}

/** A vectors file fails as one; any other case by its own name. */
function named(kind: string, figure: Figure): string[] {
  const names = Object.keys(figure.failing);
  if (kind !== 'vectors') return names.map((name) => `${kind}/${name}`);
  return [...new Set(names.map((name) => `vectors/${name.split('/')[0]}`))];
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
