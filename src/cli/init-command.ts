import { existsSync } from 'node:fs';
import { folderOf } from '#scenario/file/paths.ts';
import { guessScenario } from '#scenario/guess-scenario.ts';
import { isIsotopeGraph, scenarioOfGraph } from '#scenario/isotope-graph.ts';
import { type Measurements, readMeasurement } from '#scenario/measured/measurements.ts';
import { EXIT } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';
import { writeFile } from './write-file.ts';

export interface InitOptions {
  readonly out: string;
  readonly force?: boolean;
  /** `[WORKLOAD=]FILE`. */
  readonly metrics: readonly string[];
  /** In ns. */
  readonly window?: number;
}

/** Writes a scenario for a folder of manifests into that folder, or for a service graph beside it. */
export function initScenario(given: string, options: InitOptions, context: ProgramContext): void {
  const clean = given.replace(/\/+$/, '') || given;
  const graph = graphAt(clean, context);
  if (graph === undefined && context.files.listFiles(clean) === undefined) {
    const hint = 'meshsim init manifests; or a service graph of isotope: meshsim init graph.yaml';
    refuse(`${given} is no directory`, hint, context);
    return;
  }
  const folder = graph === undefined ? clean : folderOf(clean);
  const isPrinted = options.out === '-';
  const name = isPrinted ? 'scenario.yaml' : options.out;
  const path = folder === '.' ? name : `${folder}/${name}`;
  const isTaken = existsSync(path);
  if (!isPrinted && isTaken && options.force !== true) {
    refuse(`${path} is there already`, '--force replaces it, --out NAME writes another', context);
    return;
  }
  const written =
    graph === undefined ? guessed(folder, path, options, context) : ofGraph(clean, graph, context);
  if (written === undefined) return;
  if (isPrinted) {
    context.print(written.text);
    return;
  }
  const problem = writeFile(path, written.text);
  if (problem !== undefined) {
    refuse(problem, '--out NAME writes another, --out - prints', context);
    return;
  }
  context.print(`${path}: ${written.says}\n`);
  context.hint(`run it: meshsim run ${path}`);
}

interface Written {
  readonly text: string;
  /** What is in it, in words. */
  readonly says: string;
}

/** The text of a service graph; undefined if the path is something else. */
function graphAt(path: string, { files }: ProgramContext): string | undefined {
  if (files.listFiles(path) !== undefined) return undefined;
  const content = files.readFile(path);
  return 'text' in content && isIsotopeGraph(content.text) ? content.text : undefined;
}

function ofGraph(path: string, text: string, context: ProgramContext): Written | undefined {
  const scenario = scenarioOfGraph(path, text);
  if ('text' in scenario)
    return { text: scenario.text, says: counted(scenario.clientCount, 'client') };
  refuse(`${path}: ${scenario.problem}`, 'see the README of istio/tools, isotope', context);
  return undefined;
}

function guessed(
  folder: string,
  path: string,
  options: InitOptions,
  context: ProgramContext,
): Written | undefined {
  const measurements = measurementsOf(options, context);
  if (measurements === undefined) return undefined;
  const { text, clients, leftOut } = guessScenario(folder, path, context.files, measurements);
  const but = leftOut.length === 0 ? '' : `, ${leftOut.length} left out (it says why)`;
  return { text, says: `${counted(clients.length, 'client')}${but}` };
}

function measurementsOf(
  { metrics, window }: InitOptions,
  context: ProgramContext,
): Measurements | undefined {
  const samples: Measurements['samples'][number][] = [];
  const reports: Measurements['reports'][number][] = [];
  for (const argument of metrics) {
    const [, workload, file = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(argument) ?? [];
    const content = context.files.readFile(file);
    const read = 'text' in content ? readMeasurement(content.text) : content;
    if ('problem' in read) {
      refuse(`${file}: ${read.problem}`, 'meshsim help init names the forms', context);
      return undefined;
    }
    if ('samples' in read) samples.push(...read.samples);
    else reports.push({ workload, report: read.report, file });
  }
  return { samples, reports, windowNs: window };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function refuse(problem: string, hint: string, context: ProgramContext): void {
  context.say(`error: ${problem}\n  hint: ${hint}`);
  context.endWith(EXIT.badInput);
}
