import { existsSync, readdirSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadScenario } from '#scenario/file/load-scenario.ts';
import { didYouMeanHint } from '#source/did-you-mean.ts';
import { EXIT } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';
import { type RunOptions, runScenarios } from './run-command.ts';

/** Short names of bundled scenarios. */
const ALIASES: ReadonlyMap<string, string> = new Map([['canary', 'canary-how-exact']]);

const FOLDER = fileURLToPath(new URL('../../scenarios', import.meta.url));

/** Runs a bundled scenario, or lists them all. */
export async function demoCommand(
  name: string,
  options: RunOptions & { readonly list?: boolean },
  context: ProgramContext,
): Promise<void> {
  const names = bundledScenarios();
  if (options.list === true) {
    context.print(listOf(names, context));
    return;
  }
  const folder = ALIASES.get(name) ?? name;
  if (!names.includes(folder)) {
    const hint =
      didYouMeanHint(name, [...names, ...ALIASES.keys()]) ?? 'meshsim demo --list names them';
    context.say(`error: there is no bundled scenario "${name}"\n  hint: ${hint}`);
    context.endWith(EXIT.badInput);
    return;
  }
  await runScenarios([shortPath(`${FOLDER}/${folder}/scenario.yaml`)], options, context);
  context.hint(`more of them: meshsim demo --list`);
}

/** As seen from the working folder, if it lies in it. */
function shortPath(path: string): string {
  const seen = relative(process.cwd(), path);
  return seen.startsWith('..') ? path : seen;
}

/** The folders that have a scenario, sorted. */
export function bundledScenarios(): readonly string[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER)
    .filter((name) => existsSync(`${FOLDER}/${name}/scenario.yaml`))
    .sort();
}

function listOf(names: readonly string[], context: ProgramContext): string {
  const width = Math.max(0, ...names.map((name) => nameWithAlias(name).length));
  const lines = names.map((name) => {
    const { scenario } = loadScenario(`${FOLDER}/${name}/scenario.yaml`, context.files);
    return `${nameWithAlias(name).padEnd(width)}  ${scenario?.title ?? ''}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

function nameWithAlias(name: string): string {
  const aliases = [...ALIASES].filter(([, target]) => target === name).map(([alias]) => alias);
  return aliases.length === 0 ? name : `${name} (${aliases.join(', ')})`;
}
