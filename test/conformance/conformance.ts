import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { analyzeText } from '#config/analysis/analyze-text.ts';
import { validateDocuments } from '#config/validation/validate.ts';
import { istioCase } from '#mesh/istio-case.ts';
import type { EnvoyCase } from '#scenario/envoy-case/case-file.ts';
import { runEnvoyCase } from '#scenario/envoy-case/run-case.ts';
import type { VectorAdapter } from './vectors/adapter.ts';

/** What `npm run conformance` prints for one case. */
export type ConformanceResult =
  | { readonly case: string; readonly got: unknown }
  | { readonly case: string; readonly error: string };

export const KINDS = ['istio', 'istio-validation', 'istio-analyze', 'envoy', 'vectors'] as const;
export type Kind = (typeof KINDS)[number];

/** Of a case that does not say how often. */
const DEFAULT_RUNS = 3;

/** Runs every case below `dir`. A case that can't be run gives its error; nothing is judged. */
export async function conformance(kind: Kind, dir: string): Promise<ConformanceResult[]> {
  switch (kind) {
    case 'vectors':
      return vectors(dir);
    case 'istio':
      return istio(dir);
    case 'istio-validation':
      return istioValidation(dir);
    case 'istio-analyze':
      return istioAnalyze(dir);
    case 'envoy':
      return envoy(dir);
  }
}

const ADAPTERS = import.meta.glob<{ run: VectorAdapter }>(
  ['./vectors/*.ts', '!./vectors/adapter.ts'],
  { eager: true }, // The module runner of `run.mjs` is closed when the first case runs.
);

function vectors(dir: string): ConformanceResult[] {
  const results: ConformanceResult[] = [];
  for (const file of namesEndingIn(dir, '.json')) {
    const name = basename(file, '.json');
    const adapter = ADAPTERS[`./vectors/${name}.ts`]?.run;
    const content = readJson(join(dir, file)) as { readonly cases: readonly unknown[] };
    content.cases.forEach((vector, index) => {
      const id = `${name}/${index}`;
      results.push(
        adapter === undefined
          ? { case: id, error: 'no rule of the engine for this file yet' }
          : attempt(id, () => adapter(vector as never)),
      );
    });
  }
  return results;
}

/** Folders with `mesh.yaml` and `case.json`. */
function istio(dir: string): ConformanceResult[] {
  return foldersWith(dir, 'case.json').map((name) =>
    attempt(name, () =>
      istioCase({
        mesh: readFileSync(join(dir, name, 'mesh.yaml'), 'utf8'),
        case: readJson(join(dir, name, 'case.json')),
      }),
    ),
  );
}

/** One result for each document of each file. */
function istioValidation(dir: string): ConformanceResult[] {
  return namesEndingIn(dir, '.yaml').flatMap((file) => {
    const documents = validateDocuments(readFileSync(join(dir, file), 'utf8'));
    return documents.map((got, index) => ({ case: `${basename(file, '.yaml')}/${index}`, got }));
  });
}

/** Folders with `resources.yaml` and, some, `meshconfig.yaml`. */
function istioAnalyze(dir: string): ConformanceResult[] {
  return foldersWith(dir, 'resources.yaml').map((name) => {
    const meshConfig = join(dir, name, 'meshconfig.yaml');
    const mesh = existsSync(meshConfig) ? readFileSync(meshConfig, 'utf8') : undefined;
    const text = readFileSync(join(dir, name, 'resources.yaml'), 'utf8');
    return attempt(name, () => analyzeText('resources.yaml', text, mesh));
  });
}

/** As many runs with different seeds as the case says. */
function envoy(dir: string): ConformanceResult[] {
  return namesEndingIn(dir, '.json').map((file) => {
    const kase = readJson(join(dir, file)) as EnvoyCase;
    const seeds = Array.from({ length: kase.runs ?? DEFAULT_RUNS }, (_, index) => index + 1);
    return attempt(basename(file, '.json'), () => seeds.map((seed) => runEnvoyCase(kase, seed)));
  });
}

function attempt(id: string, run: () => unknown): ConformanceResult {
  try {
    return { case: id, got: run() };
  } catch (error) {
    return { case: id, error: error instanceof Error ? error.message : String(error) };
  }
}

function namesEndingIn(dir: string, ending: string): string[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith(ending))
    .sort();
}

function foldersWith(dir: string, file: string): string[] {
  return readdirSync(dir)
    .filter((name) => existsSync(join(dir, name, file)))
    .sort();
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
