// Cases are run without waiting, so the engine of regular expressions comes along.
import '#envoy/re2.ts';
import type { EnvoyCase } from '#scenario/envoy-case/case-file.ts';
import { judge } from '#scenario/envoy-case/judge.ts';
import { runEnvoyCase } from '#scenario/envoy-case/run-case.ts';
import { EXIT } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';

export interface EnvoyOptions {
  readonly seed?: number;
  readonly runs?: number;
}

/** Runs an Envoy-level case: configuration, backends and load, without a control plane. */
export function runEnvoyFile(path: string, options: EnvoyOptions, context: ProgramContext): void {
  const content = context.files.readFile(path);
  const kase = 'text' in content ? parsedCase(content.text) : content;
  if ('problem' in kase) {
    context.say(`error: ${path}: ${kase.problem}`);
    context.endWith(EXIT.badInput);
    return;
  }
  const seed = options.seed ?? 1;
  context.seed = seed;
  const runs = Array.from({ length: options.runs ?? kase.case.runs ?? 3 }, (_, index) =>
    runEnvoyCase(kase.case, seed + index),
  );
  const judged = judge(kase.case, runs);
  context.print(
    `${JSON.stringify({ schema: 'meshsim/envoy-case/v1', seed, judged, runs }, undefined, 2)}\n`,
  );
}

/** The form of a case is `oracle`'s; only what would break the run is looked at here. */
function parsedCase(text: string): { readonly case: EnvoyCase } | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `not valid JSON: ${error instanceof Error ? error.message : ''}` };
  }
  const isObject = typeof value === 'object' && value !== null;
  const missing = ['clusters', 'route_config', 'load', 'judge'].filter(
    (key) => !isObject || !Reflect.has(value as object, key),
  );
  if (missing.length > 0) return { problem: `no Envoy-level case: ${missing.join(', ')} missing` };
  return { case: value as EnvoyCase }; // Checked as far as a case's author may go wrong.
}
