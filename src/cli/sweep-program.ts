import { type Command, Option } from 'commander';
import { examplesOf } from './examples.ts';
import { istioVersionOption } from './istio-version-option.ts';
import { type MergeOptions, mergeSweeps } from './merge-command.ts';
import {
  collected,
  parameter,
  percent,
  positiveNumber,
  shard,
  varied,
  wholeNumber,
} from './option-values.ts';
import type { Begin, CommonOptions } from './program-context.ts';
import { findBreakingPoint } from './search-command.ts';
import { type SweepOptions, sweepScenario } from './sweep-command.ts';

/** `meshsim sweep`. */
export function addSweep(root: Command, begin: Begin): void {
  root
    .command('sweep')
    .description('run a scenario with many values and seeds, or look for the value that breaks it')
    .argument('<file>', 'a scenario')
    .option(
      '--vary <key=values>',
      'a parameter, or the path of a value: rate=10/s,20/s or rate=10/s..80/s:10/s or rate=10/s..80/s*2; repeatable',
      varied,
      [],
    )
    .option('--seeds <number>', 'how many, from the scenario’s (or --seed) on', positiveNumber, 10)
    .option(
      '--measure <query>',
      'what to measure beside the expectations, repeatable',
      collected,
      [],
    )
    .option(
      '--find <key>',
      'look for the value of this key that breaks it; KEY=A..B within a range',
    )
    .option(
      '--until <condition>',
      'what breaking means: QUERY > VALUE; without, that an expectation fails',
    )
    .option('--precision <percent>', 'how close to come', percent, 1)
    .option(
      '--jobs <number>',
      'runs at once; as many as there are cores by default',
      positiveNumber,
    )
    .option('--shard <i/n>', 'only the i-th of n parts of the runs', shard)
    .option(
      '--queue <url>',
      'share the runs with whoever is given the same command, over Redis or Valkey: redis://HOST:PORT',
    )
    .option('--out <file>', 'also write the document (meshsim/sweep/v1) there')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .option('-s, --seed <number>', 'the first seed', wholeNumber)
    .option('--set <name=value>', 'a parameter, or the path of a value', parameter, [])
    .addOption(istioVersionOption())
    .option('--strict', 'objects that are not simulated are errors')
    .option('--allow-outside', 'scenarios may name files outside their folder')
    .addHelpText('beforeAll', examplesOf('sweep'))
    .action(async (file: string, options: SweepOptions) => {
      const all = { ...root.opts<CommonOptions>(), ...options };
      const context = begin();
      if (all.find === undefined) await sweepScenario(file, all, context);
      else await findBreakingPoint(file, all.find, all, context);
    });
}

/** `meshsim merge`. */
export function addMerge(root: Command, begin: Begin): void {
  root
    .command('merge')
    .description('put the shards of a sweep together')
    .argument('<file...>', 'what `sweep --shard I/N --out FILE` wrote')
    .option('--out <file>', 'also write the document (meshsim/sweep/v1) there')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .addHelpText('beforeAll', examplesOf('merge'))
    .action((files: string[], options: MergeOptions) => {
      mergeSweeps(files, options, begin());
    });
}
