import type { AnalysisMessage } from '#config/analysis/analysis-context.ts';
import { analyzeAll, messageText, originOf } from '#config/analysis/analyze.ts';
import { loadResources } from '#config/loader.ts';
import { meshConfigOf } from '#config/mesh-config-read.ts';
import { type ResourceStore, storeOf } from '#config/resource-store.ts';
import { admissionDiagnostics } from '#config/validation/admission.ts';
import { gatewayApiStatusesOf, withStatuses } from '#mesh/gateway-api-statuses.ts';
import { inspectResources } from '#mesh/proxy-inspection.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import { placeText, underlined } from '#source/diagnostic-text.ts';
import type { SourceFile } from '#source/source-file.ts';
import { EXIT } from './exit-code.ts';
import type { ProgramContext } from './program-context.ts';
import { optimizeLate } from './when-to-optimize.ts';

export interface AnalyzeOptions {
  readonly output: string;
  readonly failureThreshold: string;
  readonly mode: string;
  readonly istioVersion?: string;
}

const LEVELS: readonly AnalysisMessage['level'][] = ['Info', 'Warning', 'Error'];

/**
 * Says of manifests what `istioctl analyze` says, what a cluster would refuse and what is not as it seems
 * (`MS…`), each finding with its place. Fails when one is at or above the threshold; what cannot be read
 * at all is bad input.
 */
export function analyzeManifests(
  paths: readonly string[],
  options: AnalyzeOptions,
  context: ProgramContext,
): void {
  optimizeLate();
  const { resources, files, diagnostics } = loadResources(paths, context.files);
  const unreadable = diagnostics.filter(isUnreadable);
  if (context.report(unreadable, files, false)) context.endWith(EXIT.badInput);
  const store = storeOf(resources, []);
  const mode = options.mode === 'files' ? 'files' : 'cluster';
  const seen = mode === 'files' ? store : withGatewayApiStatuses(store, options.istioVersion);
  const messages = analyzeAll(seen, { mode, meshConfig: meshConfigOf(store, []) });
  const target = paths.join(' ');
  if (options.output === 'json')
    context.print(`${JSON.stringify(messages.map(jsonOf), undefined, 2)}\n`);
  else if (options.output === 'github') context.print(messages.map(githubLine).join(''));
  else if (options.output === 'junit') context.print(junitOf(messages, target));
  // Of what could not be read, nothing good is said.
  else if (messages.length > 0 || context.exitCode === EXIT.ok)
    context.print(textOf(messages, files, target));
  const threshold = LEVELS.findIndex(
    (level) => level.toLowerCase() === options.failureThreshold.toLowerCase(),
  );
  if (messages.some(({ level }) => LEVELS.indexOf(level) >= threshold))
    context.endWith(EXIT.failed);
}

/** What istiod would say of the Gateway API's objects is as good as what it has said. */
function withGatewayApiStatuses(
  store: ResourceStore,
  istioVersion: string | undefined,
): ResourceStore {
  const admitted = store.all().filter((it) => admissionDiagnostics(it).every(isHarmless));
  const mesh = inspectResources(admitted, istioVersion, []);
  return storeOf(withStatuses(store.all(), gatewayApiStatusesOf(mesh)), []);
}

function isHarmless({ severity }: Diagnostic): boolean {
  return severity !== 'error';
}

/** What is wrong with an object's content is the analyzers' to say, in Istio's words. */
function isUnreadable({ code }: Diagnostic): boolean {
  return code.startsWith('MS010') || code === 'MS0125' || code === 'MS0127';
}

function textOf(
  messages: readonly AnalysisMessage[],
  files: readonly SourceFile[],
  target: string,
): string {
  if (messages.length === 0) return `✔ No validation issues found when analyzing ${target}.\n`;
  const byName = new Map(files.map((file) => [file.name, file]));
  const lines = messages.flatMap((message) => {
    const shown = underlined(message.at, (file, line) => byName.get(file)?.line(line));
    const place = `    ${placeText(message.at)}`;
    const hint = message.hint === undefined ? [] : [`    hint: ${message.hint}`];
    return [messageText(message), place, ...shown.map((line) => `  ${line}`), ...hint];
  });
  return `${lines.join('\n')}\n`;
}

const GITHUB_COMMANDS = { Info: 'notice', Warning: 'warning', Error: 'error' } as const;

/** A workflow command: GitHub shows it at the line. */
function githubLine(message: AnalysisMessage): string {
  const { at, code, level } = message;
  const text = messageText(message).replaceAll('%', '%25').replaceAll('\n', '%0A');
  const place = `file=${at.file},line=${at.line},col=${at.column}`;
  return `::${GITHUB_COMMANDS[level]} ${place},title=${code}::${text}\n`;
}

/** A test case for each finding; only errors and warnings are failures. */
function junitOf(messages: readonly AnalysisMessage[], target: string): string {
  const failures = messages.filter(({ level }) => level !== 'Info').length;
  const cases = messages.map((message) => {
    const { at, code, level } = message;
    const text = xmlText(messageText(message));
    const head = `  <testcase classname="${xmlText(at.file)}" name="${code} ${at.line}:${at.column}"`;
    return level === 'Info'
      ? `${head}><system-out>${text}</system-out></testcase>\n`
      : `${head}><failure type="${level}" message="${text}"/></testcase>\n`;
  });
  const name = `analyze ${xmlText(target)}`;
  const counts = `tests="${messages.length}" failures="${failures}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="${name}" ${counts}>\n${cases.join('')}</testsuite>\n`;
}

function xmlText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function jsonOf(message: AnalysisMessage) {
  const { code, level, at } = message;
  return {
    code,
    level,
    // Our own codes have no page of Istio's.
    documentationUrl: code.startsWith('IST')
      ? `https://istio.io/latest/docs/reference/config/analysis/${code.toLowerCase()}/`
      : undefined,
    origin: originOf(message),
    reference: placeText(at),
    message: message.message,
  };
}
