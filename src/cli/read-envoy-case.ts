import { caseCluster, caseListener } from '#scenario/envoy-case/case-config.ts';
import type { EnvoyCase } from '#scenario/envoy-case/case-file.ts';
import { caseFormProblems, type FormProblem } from '#scenario/envoy-case/case-form.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import type { SourceFile } from '#source/source-file.ts';
import { readYaml } from '#source/yaml-read.ts';
import { readCluster, readHttpFilter, readListener, readRouteConfiguration } from '#xds/read.ts';
import type { ReadProblem } from '#xds/reader.ts';

/** A case as it can run, or what is wrong with its file. */
export type ReadEnvoyCase =
  | { readonly case: EnvoyCase }
  | { readonly diagnostics: readonly Diagnostic[]; readonly file: SourceFile };

/** Reads a case: its own form, and the Envoy configuration inside it as far as an Envoy would not parse it. */
export function readEnvoyCase(name: string, text: string): ReadEnvoyCase {
  const value = parsedJson(text);
  const problems = value === undefined ? [] : problemsOf(value);
  if (value !== undefined && problems.length === 0) {
    const kase = value as EnvoyCase; // Checked just now.
    return { case: { ...kase, title: kase.title ?? name } };
  }
  // JSON is YAML, whose reader knows where everything stands.
  const { file, documents, diagnostics } = readYaml(name, text, 'yaml-1.2');
  if (diagnostics.length > 0) return { diagnostics, file };
  const placeOf = (path: FormProblem['path']) => documents[0]?.placeOf(path) ?? file.placeOf(0, 1);
  const found = value === undefined ? [{ path: [], message: NO_JSON }] : problems;
  return {
    file,
    diagnostics: found.map(({ path, message }) => ({
      code: 'MS0202',
      severity: 'error',
      message,
      at: placeOf(path),
    })),
  };
}

const NO_JSON = 'an Envoy-level case is JSON, and this is none';

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemsOf(value: unknown): readonly FormProblem[] {
  const own = caseFormProblems(value);
  return own.length > 0 ? own : envoyProblems(value as EnvoyCase);
}

/** What no Envoy would parse. */
function envoyProblems(kase: EnvoyCase): readonly FormProblem[] {
  const below = (path: FormProblem['path'], problems: readonly ReadProblem[]): FormProblem[] =>
    problems
      .filter(({ severity }) => severity === 'error')
      .map((it) => ({ path: [...path, ...stepsOf(it.path)], message: it.message }));
  const inParts = [
    ...below(['route_config'], readRouteConfiguration(kase.route_config).problems),
    ...(kase.http_filters ?? []).flatMap((filter, index) =>
      below(['http_filters', index], readHttpFilter(filter).problems),
    ),
    ...kase.clusters.flatMap((cluster, index) =>
      below(['clusters', index], readCluster(caseCluster(cluster)).problems),
    ),
  ];
  if (inParts.length > 0) return inParts;
  // What is left stands in the connection manager's own settings.
  const { problems } = readListener(caseListener(kase));
  return below([], problems).map(({ message }) => ({ path: ['hcm'], message }));
}

/** `virtualHosts[0].routes[2].match["x"]` as steps. */
function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(
    ([, index, key, name]) => (index === undefined ? (key ?? name ?? '') : Number(index)),
  );
}
