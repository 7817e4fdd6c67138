import { writeFileSync } from 'node:fs';
import { guessScenario } from '#scenario/guess-scenario.ts';
import { EXIT } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';

export interface InitOptions {
  readonly out: string;
  readonly force?: boolean;
}

/** Writes a scenario for a folder of manifests into that folder. */
export function initScenario(folder: string, options: InitOptions, context: ProgramContext): void {
  const clean = folder.replace(/\/+$/, '') || folder;
  if (context.files.listFiles(clean) === undefined) {
    refuse(`${folder} is no directory`, 'meshsim init manifests', context);
    return;
  }
  const isPrinted = options.out === '-';
  const name = isPrinted ? 'scenario.yaml' : options.out;
  const path = clean === '.' ? name : `${clean}/${name}`;
  const isTaken = 'text' in context.files.readFile(path);
  if (!isPrinted && isTaken && options.force !== true) {
    refuse(`${path} is there already`, '--force replaces it, --out NAME writes another', context);
    return;
  }
  const { text, clients, leftOut } = guessScenario(clean, path, context.files);
  if (isPrinted) {
    context.print(text);
    return;
  }
  writeFileSync(path, text);
  const but = leftOut.length === 0 ? '' : `, ${leftOut.length} left out (it says why)`;
  context.print(`${path}: ${clients.length} clients${but}\n`);
  context.hint(`run it: meshsim run ${path}`);
}

function refuse(problem: string, hint: string, context: ProgramContext): void {
  context.say(`error: ${problem}\n  hint: ${hint}`);
  context.endWith(EXIT.badInput);
}
