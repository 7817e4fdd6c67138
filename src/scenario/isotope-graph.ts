import { parseDuration } from '#source/duration.ts';
import { parsePercentage } from '#source/quantity.ts';
import { readYaml } from '#source/yaml-read.ts';
import { isMapping, isSequence, member, textMember, type YamlValue } from '#source/yaml-value.ts';
import { durationText, percentText } from './measured/short-text.ts';

/** Whether a text is a service graph of isotope. */
export function isIsotopeGraph(text: string): boolean {
  if (/^\s*kind\s*:\s*["']?MockServiceGraph\b/m.test(text)) return true;
  return /^services\s*:/m.test(text) && /^\s+(?:-\s+)?script\s*:/m.test(text);
}

/** The port that isotope's services listen at. */
const PORT = 8080;

interface GraphService {
  readonly name: string;
  readonly isGrpc: boolean;
  readonly errorShare: number;
  readonly replicas: number;
  readonly isEntrypoint: boolean;
  readonly sleepMs: number;
  /** Steps in order; calls of one step are made together. */
  readonly calls: readonly (readonly GraphCall[])[];
}

interface GraphCall {
  readonly service: string;
  readonly chance: number;
}

/**
 * A scenario of an isotope service graph: its Services and Deployments, how they behave, and a client for
 * each entry. Sizes of payloads are not modelled. Gives it, or what is wrong with the graph.
 *
 * @source istio/tools: isotope/README.md
 */
export function scenarioOfGraph(
  file: string,
  text: string,
): { readonly text: string; readonly clientCount: number } | { readonly problem: string } {
  const { documents, diagnostics } = readYaml(file, text, 'yaml-1.2');
  const error = diagnostics.find(({ severity }) => severity === 'error');
  if (error !== undefined) return { problem: error.message };
  const graph = documents[0]?.value ?? null;
  const list = member(graph, 'services');
  if (!isSequence(list) || list.length === 0) return { problem: 'the graph has no services' };
  const defaults = member(graph, 'defaults') ?? member(graph, 'default') ?? null;
  const services = list.map((service) => serviceOf(service, defaults));
  const names = new Set(services.map(({ name }) => name));
  const stray = services
    .flatMap(({ calls }) => calls.flat())
    .find((call) => !names.has(call.service));
  if (stray !== undefined)
    return { problem: `a script calls "${stray.service}", which is no service` };
  if (names.has('')) return { problem: 'a service has no name' };
  const called = new Set(services.flatMap(({ calls }) => calls.flat().map((call) => call.service)));
  const marked = services.filter(({ isEntrypoint }) => isEntrypoint);
  const entries = marked.length > 0 ? marked : services.filter(({ name }) => !called.has(name));
  return { text: graphText(file, services, entries), clientCount: entries.length };
}

function serviceOf(service: YamlValue, defaults: YamlValue): GraphService {
  const own = (key: string) => member(service, key) ?? member(defaults, key);
  const script = own('script');
  const steps = isSequence(script) ? script : [];
  const replicas = own('numReplicas');
  return {
    name: textMember(service, 'name') ?? '',
    isGrpc: own('type') === 'grpc',
    errorShare: shareOf(own('errorRate')),
    replicas: typeof replicas === 'number' ? replicas : 1,
    isEntrypoint: own('isEntrypoint') === true,
    sleepMs: steps.reduce<number>((sum, step) => sum + sleepMsOf(step), 0),
    calls: steps
      .map((step) => commandsOf(step).flatMap(callOf))
      .filter((calls) => calls.length > 0),
  };
}

/** `0.01%`, or a number that is a share. */
function shareOf(value: YamlValue | undefined): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? parsePercentage(value) : undefined;
  return (percent ?? 0) / 100;
}

function commandsOf(step: YamlValue): readonly YamlValue[] {
  return isSequence(step) ? step : [step];
}

/** Of sleeps at the same time, the longest. */
function sleepMsOf(step: YamlValue): number {
  const times = commandsOf(step).map((command) => {
    const text = textMember(command, 'sleep');
    return text === undefined ? 0 : (parseDuration(text) ?? 0) / 1e6;
  });
  return Math.max(0, ...times);
}

function callOf(command: YamlValue): readonly GraphCall[] {
  const call = member(command, 'call');
  if (typeof call === 'string') return [{ service: call, chance: 1 }];
  if (!isMapping(call)) return [];
  const probability = member(call, 'probability');
  const chance = typeof probability === 'number' && probability > 0 ? probability / 100 : 1;
  return [{ service: textMember(call, 'service') ?? '', chance }];
}

function graphText(
  file: string,
  services: readonly GraphService[],
  entries: readonly GraphService[],
): string {
  const byName = new Map(services.map((service) => [service.name, service]));
  return [
    `title: ${JSON.stringify(`What happens to requests in ${file}?`)}`,
    '',
    '# Written by `meshsim init` from a service graph of isotope. Sizes of payloads are not modelled; a service',
    '# sleeps first and calls then, whichever way round its script has it: the sum is the same.',
    'duration: 30s',
    'seed: 1',
    '',
    'mesh:',
    ...[...services.flatMap(objectsOf), CALLER].map((object) => `  - ${JSON.stringify(object)}`),
    '',
    'workloads:',
    ...services.flatMap((service) => behaviourLines(service, byName)),
    '',
    '# Assumed: 10 requests per second for every entry, at random moments (Poisson).',
    'clients:',
    ...entries.flatMap((entry) => [
      `  to-${entry.name}:`,
      '    from: caller',
      `    request: ${requestOf(entry)}`,
      '    load: { rate: 10/s }',
    ]),
    '',
  ].join('\n');
}

function objectsOf({ name, isGrpc, replicas }: GraphService): readonly object[] {
  const port = { name: isGrpc ? 'grpc-web' : 'http-web', port: PORT };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { name }, ports: [port] },
    },
    deploymentOf(name, replicas),
  ];
}

function deploymentOf(name: string, replicas: number): object {
  const labels = { name, app: name };
  const spec = {
    replicas,
    selector: { matchLabels: { name } },
    template: { metadata: { labels } },
  };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

const CALLER = deploymentOf('caller', 1);

function behaviourLines(
  { name, sleepMs, errorShare, calls }: GraphService,
  byName: ReadonlyMap<string, GraphService>,
): readonly string[] {
  const textOf = ({ service, chance }: GraphCall) => {
    const request = requestOf(byName.get(service)!);
    return chance >= 1 ? request : `{ request: ${request}, chance: ${percentText(chance)} }`;
  };
  return [
    `  ${name}:`,
    `    latency: ${sleepMs > 0 ? durationText(sleepMs) : '0ms'}`,
    ...(errorShare > 0 ? [`    errors: { 500: ${percentText(errorShare)} }`] : []),
    ...(calls.length > 0 ? ['    calls:'] : []),
    ...calls.map((together) =>
      together.length === 1
        ? `      - ${textOf(together[0]!)}`
        : `      - { parallel: [${together.map(textOf).join(', ')}] }`,
    ),
  ];
}

function requestOf({ name, isGrpc }: GraphService): string {
  return isGrpc
    ? `POST grpc://${name}:${PORT}/isotope.Service/Call`
    : `GET http://${name}:${PORT}/`;
}
