import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EXIT } from '#cli/exit-code.ts';
import { type Random, randomStream } from '#kernel/random.ts';
import { type Answer, ask } from './ask.ts';
import { envoyCases, type Project, projects } from './corpus.ts';
import { damagedJson, damagedYaml, oneOf } from './damage.ts';
import { randomQuery } from './random-query.ts';
import { randomTimeline } from './random-timeline.ts';

/** Something that is asked again and again with damaged input. */
export interface Fuzzer {
  readonly says: string;
  /** What was wrong with the answer; undefined when nothing was. The files stay if they are to be kept. */
  readonly failureOf: (seed: number, keepsFiles: boolean) => Promise<string | undefined>;
}

/** Files, and what is asked about them; `@` in an argument is the folder of the files. */
interface Question {
  readonly files: ReadonlyMap<string, string>;
  readonly args: readonly string[];
}

const ALL_PROJECTS = projects();
const ALL_CASES = envoyCases();

/** The fuzzers by name. */
export const FUZZERS: ReadonlyMap<string, Fuzzer> = new Map(
  Object.entries({
    yaml: fuzzer('characters and lines of a file, asked of analyze', yamlQuestion),
    manifests: fuzzer('values of manifests, asked of every command', manifestQuestion),
    scenarios: fuzzer('values of a scenario, asked of run, sweep, compare', scenarioQuestion),
    timelines: fuzzer('steps of a timeline, at any time and about anything', timelineQuestion),
    routes: fuzzer('rules of VirtualServices and URLs, asked of route', routeQuestion),
    xds: fuzzer('Envoy configuration of Envoy-level cases', xdsQuestion),
    queries: fuzzer('queries of expectations, --why and --trace', queryQuestion),
    'always-fails': {
      says: 'proves that a failure is seen',
      failureOf: async (seed) => `seed ${seed} fails, as all do`,
    },
  }),
);

function fuzzer(says: string, questionOf: (random: Random) => Question): Fuzzer {
  return {
    says,
    failureOf: (seed, keepsFiles) => failureOf(questionOf(randomStream(seed, says)), keepsFiles),
  };
}

async function failureOf(
  { files, args }: Question,
  keepsFiles: boolean,
): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-fuzz-'));
  const asked = args.map((argument) => argument.replaceAll('@', keepsFiles ? folder : '@'));
  const command = `meshsim ${asked.join(' ')}`;
  try {
    for (const [name, text] of files) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const answer = await ask(args.map((argument) => argument.replaceAll('@', folder)));
    const fault = faultOf(answer);
    return fault === undefined ? undefined : `${fault}\n  ${command}`;
  } catch (error) {
    const stack = error instanceof Error ? error.stack : String(error);
    return `${stack}\n  ${command}`;
  } finally {
    if (!keepsFiles) rmSync(folder, { recursive: true });
  }
}

/** What no answer may be. */
function faultOf({ errors, exitCode, output }: Answer): string | undefined {
  if (exitCode === EXIT.internal) return `it says that it is at fault: ${errors}`;
  if (exitCode === EXIT.badInput && !/error/.test(errors)) return 'bad input without an error';
  if (exitCode === EXIT.ok && /(^|: )error /m.test(errors)) return `an error passes: ${errors}`;
  const leak = /\bundefined\b(?! behavior)|\[object Object\]|\bNaN\b|Infinity/.exec(
    errors + output,
  );
  return leak === null ? undefined : `it says "${leak[0]}": ${around(errors + output, leak.index)}`;
}

function around(text: string, index: number): string {
  return text.slice(Math.max(0, index - 200), index + 100);
}

function yamlQuestion(random: Random): Question {
  const { files } = oneOf(random, ALL_PROJECTS);
  const text = oneOf(random, [...files.values()]);
  return { files: new Map([['a.yaml', damagedYaml(text, random)]]), args: ['analyze', '@/a.yaml'] };
}

function manifestQuestion(random: Random): Question {
  const { files } = withDamaged(oneOf(random, ALL_PROJECTS), random, (name) =>
    name.startsWith('manifests'),
  );
  const names = namesIn([...files.values()].join('\n'));
  const name = oneOf(random, names);
  const questions = [
    ['run', '@/scenario.yaml', '--set', 'duration=2s', '--coverage'],
    ['run', '@/manifests', '--set', 'duration=1s', '-o', 'json'],
    ['analyze', '@/manifests', '-o', oneOf(random, ['text', 'json', 'github', 'junit'])],
    ['proxy-config', 'all', `deploy/${name}`, '-f', '@/manifests', '-o', 'json'],
    ['proxy-config', 'routes', `${name}-1`, '-f', '@/manifests'],
    ['proxy-config', 'clusters', `${name}-1`, '-f', '@/manifests'],
    ['proxy-config', 'listeners', `${name}-1`, '-f', '@/manifests'],
    ['describe', 'pod', `${name}-1`, '-f', '@/manifests'],
    ['describe', 'service', name, '-f', '@/manifests'],
    ['route', '-f', '@/manifests', '--from', name, `http://${oneOf(random, names)}/`],
    ['init', '@/manifests', '--out', '-'],
  ];
  return { files, args: oneOf(random, questions) };
}

function scenarioQuestion(random: Random): Question {
  const { files } = withDamaged(
    oneOf(random, ALL_PROJECTS),
    random,
    (name) => name === 'scenario.yaml',
  );
  const questions = [
    ['run', '@/scenario.yaml', '--set', 'duration=2s', '--verbose'],
    ['run', '@/scenario.yaml', '--summary', 'full', '--coverage'],
    ['run', '@/scenario.yaml', '-o', 'json', '--series', '1s'],
    ['run', '@/scenario.yaml', '--set', 'duration=1s', '--out', oneOf(random, OUTPUTS)],
    ['compare', '@/scenario.yaml', '@/scenario.yaml', '--set', 'duration=1s'],
  ];
  return { files, args: oneOf(random, questions) };
}

const OUTPUTS = [
  'requests',
  'accesslog',
  'openmetrics',
  'otlp',
  'trace',
  'junit',
  'mermaid',
  'dot',
];

function timelineQuestion(random: Random): Question {
  const project = oneOf(random, ALL_PROJECTS);
  const scenario = project.files.get('scenario.yaml') ?? '';
  const names = namesIn([...project.files.values()].join('\n'));
  const manifests = [...project.files.keys()].filter((name) => name.startsWith('manifests'));
  const timeline = randomTimeline(random, names, manifests);
  const others = scenario.replace(/^timeline:.*\n(?:(?:[ #-].*)?\n)*/m, '');
  return {
    files: new Map([...project.files, ['scenario.yaml', `${others}\n${timeline}`]]),
    args: ['run', '@/scenario.yaml', '--set', 'duration=4s', '--verbose'],
  };
}

function routeQuestion(random: Random): Question {
  const { files } = withDamaged(oneOf(random, ALL_PROJECTS), random, (_, text) =>
    /kind: (VirtualService|Gateway|HTTPRoute|DestinationRule|Sidecar)/.test(text),
  );
  const names = namesIn([...files.values()].join('\n'));
  const paths = ['', '/', '/a?b=c', '/%2f%zz', '//', '/é', `/${'a'.repeat(2000)}`, '/..', '/#x'];
  const ports = ['', ':80', ':0', ':9080', ':99999', ':x'];
  const scheme = oneOf(random, ['http://', 'https://', 'tcp://', 'grpc://', '']);
  const url = scheme + oneOf(random, names) + oneOf(random, ports) + oneOf(random, paths);
  const header = oneOf(random, [[], ['-H', 'x-user: a'], ['-H', 'cookie: a=b'], ['-X', 'FOO']]);
  const args = ['route', '-f', '@/manifests', '--from', oneOf(random, names), ...header, url];
  return { files, args: random.below(2) === 0 ? args : [...args, '-o', 'json'] };
}

function xdsQuestion(random: Random): Question {
  const files = new Map([['case.json', damagedJson(oneOf(random, ALL_CASES), random)]]);
  return { files, args: ['envoy', '@/case.json', '--runs', '1', '-o', 'json'] };
}

function queryQuestion(random: Random): Question {
  const project = oneOf(random, ALL_PROJECTS);
  const scenario = project.files.get('scenario.yaml') ?? '';
  const others = scenario.replace(/^expect:.*\n(?:(?:[ #-].*)?\n)*/m, '');
  const expectation = JSON.stringify({ that: randomQuery(random), is: randomQuery(random, true) });
  const asked = oneOf(random, ['--why', '--trace']);
  return {
    files: new Map([...project.files, ['scenario.yaml', `${others}\nexpect: [${expectation}]\n`]]),
    args: ['run', '@/scenario.yaml', '--set', 'duration=1s', asked, randomQuery(random)],
  };
}

/** A project with one of its files, one that `may` be chosen, damaged. */
function withDamaged(
  { name, files }: Project,
  random: Random,
  may: (name: string, text: string) => boolean,
): Project {
  const candidates = [...files].filter(([file, text]) => may(file, text));
  if (candidates.length === 0) return { name, files };
  const [chosen, text] = oneOf(random, candidates);
  return { name, files: new Map([...files, [chosen, damagedYaml(text, random)]]) };
}

/** Names that the files give to something, and one that they do not. */
function namesIn(text: string): readonly string[] {
  const found = [...text.matchAll(/\bname: ([\w.-]+)/g)].map(([, name]) => name ?? '');
  return [...new Set([...found, 'nobody'])];
}
