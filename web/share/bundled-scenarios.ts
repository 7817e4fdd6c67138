import type { Project } from '../engine/protocol.ts';

/** The scenarios that come with the page. */

const TEXTS: Readonly<Record<string, string>> = __WITH_GALLERY__
  ? import.meta.glob('../../scenarios/*/**/*.{yaml,yml,csv}', {
      query: '?raw',
      import: 'default',
      eager: true,
    })
  : {};

export interface BundledScenario {
  readonly name: string;
  readonly title: string;
  readonly teaches: string;
  readonly flags: string;
  readonly project: Project;
}

const ALIASES: ReadonlyMap<string, string> = new Map([['canary', 'canary-how-exact']]);
/** Shown when nothing is asked for: one sees it go wrong, and can mend it with one hand. */
const DEFAULT = 'canary-of-catalog';

export function bundledScenarios(): readonly BundledScenario[] {
  const byFolder = new Map<string, Record<string, string>>();
  for (const [path, text] of Object.entries(TEXTS)) {
    const [, folder = '', file = ''] = /scenarios\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const files = byFolder.get(folder) ?? {};
    files[file] = text;
    byFolder.set(folder, files);
  }
  return [...byFolder]
    .filter(([, files]) => files['scenario.yaml'] !== undefined)
    .map(([name, files]) => scenarioOf(name, files))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function bundledScenario(name: string): BundledScenario | undefined {
  const wanted = ALIASES.get(name) ?? name;
  return bundledScenarios().find((scenario) => scenario.name === wanted);
}

export function defaultScenario(): BundledScenario | undefined {
  return bundledScenario(DEFAULT);
}

function scenarioOf(name: string, files: Record<string, string>): BundledScenario {
  const text = files['scenario.yaml'] ?? '';
  return {
    name,
    title: keyOf(text, 'title') || name,
    teaches: keyOf(text, 'description'),
    flags: [...new Set(text.match(/\b(UO|UH|UF|UC|URX|UT|NR|NC|FI|DC|RL)\b/g) ?? [])].join(' '),
    project: { scenario: 'scenario.yaml', files },
  };
}

/** A text at the top of a scenario, folded or not. */
function keyOf(text: string, key: string): string {
  const found = new RegExp(`^${key}: *(?:[>|][-+]?\\n((?:[ ]+.*\\n?)+)|(.*))`, 'm').exec(text);
  const value = found?.[1] ?? found?.[2] ?? '';
  return value
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^(["'])(.*)\1$/, '$2');
}
