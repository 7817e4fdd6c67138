import { Command, Help, Option } from 'commander';
import { scenarioJsonSchema } from '#scenario/file/json-schema.ts';
import { didYouMean } from '#source/did-you-mean.ts';
import { type AnalyzeOptions, analyzeManifests } from './analyze-command.ts';
import { type CompareOptions, compareScenarios } from './compare-command.ts';
import { demoCommand } from './demo-command.ts';
import { type DescribeOptions, describe } from './describe-command.ts';
import { type EnvoyOptions, runEnvoyFile } from './envoy-command.ts';
import { examplesOf } from './examples.ts';
import { type InitOptions, initScenario } from './init-command.ts';
import { istioVersionOption } from './istio-version-option.ts';
import {
  collected,
  header,
  parameter,
  percent,
  period,
  requests,
  wholeNumber,
} from './option-values.ts';
import { type Begin, type CommonOptions, ProgramContext } from './program-context.ts';
import { type ProxyConfigOptions, proxyConfig, proxyConfigKinds } from './proxy-config-command.ts';
import { explainRoute, type RouteOptions } from './route-command.ts';
import { type RunOptions, runScenarios } from './run-command.ts';
import { outputFormats, outputRequest } from './run-outputs.ts';
import { serve } from './serve-command.ts';
import { addMerge, addSweep } from './sweep-program.ts';
import { packageVersion } from './version.ts';

/** The invocation under way, for what has to be said when it fails. */
export interface ProgramState {
  context: ProgramContext | undefined;
}

/** What is said when nothing is asked. */
export const SHORT_HELP = `meshsim: what will this Istio configuration do to my traffic?

  meshsim demo                                  a canary with no file at all
  meshsim init manifests                        a scenario for your own manifests
  meshsim run scenario.yaml                     run a scenario, print who got the requests and why some failed
  meshsim proxy-config routes POD -f manifests  what istiod would send to a proxy

  meshsim help                                  every command; meshsim help COMMAND for one
`;

const OUTPUT_FORMATS = outputFormats()
  .map(([format]) => format)
  .join(', ');

/** The command line. */
export function program(state: ProgramState): Command {
  const root = new Command('meshsim')
    .description('What will this Istio configuration do to my traffic?')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--no-color', 'no colours')
    .option('-q, --quiet', 'no warnings, progress or hints')
    .option('-v, --verbose', 'notes, too')
    .showSuggestionAfterError(true)
    .showHelpAfterError('(meshsim --help says more)')
    .configureHelp({
      showGlobalOptions: true,
      // An option that is repeatable has no values by default: that goes without saying.
      optionDescription: (option) =>
        new Help().optionDescription(option).replace(/ \(default: \[\]\)$/, ''),
    })
    .exitOverride();
  const begin = (): ProgramContext => {
    state.context = new ProgramContext(root.opts<CommonOptions>());
    return state.context;
  };
  addRun(root, begin);
  addDemo(root, begin);
  addInit(root, begin);
  addCompare(root, begin);
  addSweep(root, begin);
  addMerge(root, begin);
  addProxyConfig(root, begin);
  addDescribe(root, begin);
  addRoute(root, begin);
  addAnalyze(root, begin);
  addEnvoy(root, begin);
  addSchema(root, begin);
  addServe(root, begin);
  addHelp(root);
  return root;
}

function addRun(root: Command, begin: Begin): void {
  const command = root
    .command('run')
    .description('run scenarios and say what happened')
    .argument('<file...>', 'scenarios, or manifests (files, folders); - is standard input');
  withRunOptions(command)
    .addHelpText('beforeAll', examplesOf('run'))
    .action(async (files: string[], options: RunOptions) => {
      await runScenarios(files, { ...root.opts<CommonOptions>(), ...options }, begin());
    });
}

function addDemo(root: Command, begin: Begin): void {
  const command = root
    .command('demo')
    .description('run a bundled scenario, with no file at all')
    .argument('[name]', 'its name or alias', 'canary')
    .option('--list', 'names, aliases and questions');
  withRunOptions(command)
    .addHelpText('beforeAll', examplesOf('demo'))
    .action(async (name: string, options: RunOptions & { readonly list?: boolean }) => {
      await demoCommand(name, { ...root.opts<CommonOptions>(), ...options }, begin());
    });
}

function withRunOptions(command: Command): Command {
  return command
    .addOption(new Option('-o, --output <format>', 'what to print').choices(['text', 'json']))
    .option('-s, --seed <number>', 'instead of the scenario’s', wholeNumber)
    .addOption(istioVersionOption())
    .option(
      '--set <name=value>',
      'a parameter, or the path of a value: clients.shop.load.rate=80/s',
      parameter,
      [],
    )
    .option('--strict', 'objects that are not simulated are errors')
    .addOption(
      new Option('--summary <detail>', 'how much to print')
        .choices(['compact', 'full', 'none'])
        .default('compact'),
    )
    .option(
      '--out <format=file>',
      `also write, repeatable: ${OUTPUT_FORMATS}; without a file to standard output`,
      outputRequest,
      [],
    )
    .option(
      '--why <labels>',
      'explain requests: response_flags="UO", 503, "503 UO", or slow ones: slow{client="shop"}',
      requests,
    )
    .option('--trace <labels>', 'tell one of them step by step; or CLIENT:NUMBER', requests)
    .option('--series <step>', 'with -o json: the run in buckets of this length', period)
    .option(
      '--envoy-stats <proxy>',
      'what /stats of a proxy says after the run: POD or POD.NAMESPACE',
    )
    .option('--reproducible', 'leave out what differs from run to run (wall time)')
    .option('--coverage', 'which routes, matches, subsets and policies were exercised')
    .option('--coverage-fail-under <percent>', 'exit 1 when less was exercised', percent)
    .option('--allow-outside', 'scenarios may name files outside their folder');
}

function addInit(root: Command, begin: Begin): void {
  root
    .command('init')
    .description('write a scenario for a directory of manifests, ready to run')
    .argument('[dir]', 'the directory; or a service graph of isotope', '.')
    .option('--out <name>', 'the file in it; - prints', 'scenario.yaml')
    .option(
      '--metrics <[workload=]file>',
      'fit it to what was measured: Istio’s metrics (Prometheus text or query JSON), a report of Fortio or k6 (JSON); repeatable',
      collected,
      [],
    )
    .option('--window <duration>', 'over which the counters of --metrics were counted', period)
    .option('--force', 'replace a file that is there')
    .addHelpText('beforeAll', examplesOf('init'))
    .action((folder: string, options: InitOptions) => {
      initScenario(folder, options, begin());
    });
}

function addCompare(root: Command, begin: Begin): void {
  root
    .command('compare')
    .description('run two scenarios on the same random numbers and say what differs')
    .argument('<a>', 'a scenario')
    .argument('[b]', 'another; or the same with --with')
    .option('--with <path...>', 'manifests over those of A, as if they were applied')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .option('--fail-on-regression', 'exit 1 if something is worse, beyond chance')
    .option('-s, --seed <number>', 'instead of the scenario’s', wholeNumber)
    .addOption(istioVersionOption())
    .option('--set <name=value>', 'a parameter of both, or the path of a value', parameter, [])
    .option('--strict', 'objects that are not simulated are errors')
    .option('--allow-outside', 'scenarios may name files outside their folder')
    .addHelpText('beforeAll', examplesOf('compare'))
    .action((a: string, b: string | undefined, options: CompareOptions) => {
      compareScenarios(a, b, { ...root.opts<CommonOptions>(), ...options }, begin());
    });
}

function addServe(root: Command, begin: Begin): void {
  root
    .command('serve')
    .description('open the page on this computer, on a scenario of the disk if one is named')
    .argument('[file...]', 'a scenario; the page runs it and follows its changes')
    .option('--port <number>', 'a free one by default', wholeNumber, 0)
    .addHelpText('beforeAll', examplesOf('serve'))
    .action(async (files: string[], options: { readonly port: number }) => {
      await serve(files, options, begin());
    });
}

function addProxyConfig(root: Command, begin: Begin): void {
  root
    .command('proxy-config')
    .alias('pc')
    .description('what istiod would send to a proxy, as istioctl prints it')
    .argument('<kind>', proxyConfigKinds)
    .argument('[proxy]', 'POD, POD.NAMESPACE or deploy/NAME; none for a config dump')
    .requiredOption('-f, --file <path...>', 'manifests, a scenario, or a config dump (JSON)')
    .addOption(
      new Option('-o, --output <format>').choices(['short', 'json', 'yaml']).default('short'),
    )
    .option('-n, --namespace <name>', 'of the proxy')
    .addOption(istioVersionOption())
    .option('--name <text>', 'only routes of this name')
    .option('--fqdn <host>', 'only clusters of this service')
    .option('--port <number>', 'only this port', wholeNumber)
    .option('--subset <name>', 'only clusters of this subset')
    .option('--direction <direction>', 'inbound or outbound')
    .option('--cluster <name>', 'only endpoints of this cluster')
    .addHelpText('beforeAll', examplesOf('proxy-config'))
    .action((kind: string, proxy: string | undefined, options: ProxyConfigOptions) => {
      proxyConfig(kind, proxy, options, begin());
    });
}

function addDescribe(root: Command, begin: Begin): void {
  root
    .command('describe')
    .description('what configuration affects a pod or a service, as istioctl x describe')
    .argument('<kind>', 'pod or service')
    .argument('<name>', 'NAME or NAME.NAMESPACE')
    .requiredOption('-f, --file <path...>', 'manifests, or a scenario')
    .option('-n, --namespace <name>', 'of the reader', 'default')
    .addOption(istioVersionOption())
    .addHelpText('beforeAll', examplesOf('describe'))
    .action((kind: string, name: string, options: DescribeOptions) => {
      describe(kind, name, options, begin());
    });
}

function addRoute(root: Command, begin: Begin): void {
  root
    .command('route')
    .description('explain where one request goes, and why')
    .argument('[url]', 'as the caller writes it; none with --table')
    .requiredOption('-f, --file <path...>', 'manifests, or a scenario')
    .option('--from <proxy>', 'a pod or workload; a gateway for requests from outside')
    .option(
      '--table <file...>',
      'requests with wanted destinations (istio-config-validator’s format)',
    )
    .option('--coverage', 'with a table: which rules no request took')
    .option('--coverage-fail-under <percent>', 'fail below this share of rules', percent)
    .option('-X, --request <method>', 'the method', 'GET')
    .option('-H, --header <name:value>', 'a header', header, [])
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .option('-n, --namespace <name>', 'of the proxy')
    .addOption(istioVersionOption())
    .addHelpText('beforeAll', examplesOf('route'))
    .action((url: string | undefined, options: RouteOptions) => {
      explainRoute(url, options, begin());
    });
}

function addAnalyze(root: Command, begin: Begin): void {
  root
    .command('analyze')
    .description('what istioctl analyze says of manifests, each finding with its place')
    .argument('<file...>', 'files, directories, globs or -')
    .addOption(
      new Option('-o, --output <format>')
        .choices(['text', 'json', 'github', 'junit'])
        .default('text'),
    )
    .addOption(
      new Option('--failure-threshold <level>', 'fail from this level on')
        .choices(['Info', 'Warning', 'Error'])
        .default('Error'),
    )
    .addOption(
      new Option('--mode <mode>', 'the files are the whole cluster, or files alone')
        .choices(['cluster', 'files'])
        .default('cluster'),
    )
    .addOption(istioVersionOption())
    .addHelpText('beforeAll', examplesOf('analyze'))
    .action((files: string[], options: AnalyzeOptions) => {
      analyzeManifests(files, options, begin());
    });
}

function addEnvoy(root: Command, begin: Begin): void {
  root
    .command('envoy')
    .description('run an Envoy-level case: Envoy configuration, backends and load')
    .argument('<file>', 'a case file (JSON)')
    .option('-s, --seed <number>', 'of the first run', wholeNumber)
    .option('--runs <number>', 'how often, each time with the next seed', wholeNumber)
    .option('--against-envoy', 'run it on the real envoy of the PATH, too, and compare')
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .addHelpText('beforeAll', examplesOf('envoy'))
    .action(async (file: string, options: EnvoyOptions) => {
      await runEnvoyFile(file, options, begin());
    });
}

/** Commander's own prints the general help for a command that there is not. */
function addHelp(root: Command): void {
  root
    .command('help')
    .description('print help for a command')
    .argument('[command]', 'its name; none: all of them')
    .action((name: string | undefined) => {
      if (name === undefined) root.help();
      const names = root.commands.flatMap((it) => [it.name(), ...it.aliases()]);
      const found = root.commands.find((it) => it.name() === name || it.aliases().includes(name));
      if (found !== undefined) found.help();
      const meant = didYouMean(name, names);
      root.error(
        `error: unknown command '${name}'${meant === undefined ? '' : `\n(Did you mean ${meant}?)`}`,
      );
    });
}

function addSchema(root: Command, begin: Begin): void {
  root
    .command('schema')
    .description('print the JSON Schema of scenario files')
    .action(() => {
      begin().print(`${JSON.stringify(scenarioJsonSchema(), undefined, 2)}\n`);
    });
}
