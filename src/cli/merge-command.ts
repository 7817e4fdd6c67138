import { readSweepDocument } from '#report/sweep-document.ts';
import { mergedSweep, type SweepResult } from '#scenario/sweep/sweep-result.ts';
import { EXIT } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';
import { showSweep } from './sweep-command.ts';

export interface MergeOptions {
  readonly output: string;
  readonly out?: string;
}

/** Puts the shards of a sweep together: the same document as if it had been run in one place. */
export function mergeSweeps(
  paths: readonly string[],
  options: MergeOptions,
  context: ProgramContext,
): void {
  const parts: SweepResult[] = [];
  for (const path of paths) {
    const content = context.files.readFile(path);
    const read = 'text' in content ? readSweepDocument(content.text) : content;
    if ('plan' in read) parts.push(read);
    else refuse(`${path}: ${read.problem}`, context);
  }
  if (context.exitCode !== EXIT.ok) return;
  const merged = mergedSweep(parts);
  if ('problem' in merged) refuse(merged.problem, context);
  else showSweep(merged, options, context);
}

function refuse(problem: string, context: ProgramContext): void {
  context.say(
    `error: ${problem}\n  hint: merge wants all files of \`sweep --shard I/N --out FILE\``,
  );
  context.endWith(EXIT.badInput);
}
