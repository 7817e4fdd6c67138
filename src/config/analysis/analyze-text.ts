import { readYaml } from '#source/yaml-read.ts';
import { readMeshConfig } from '../mesh-config-read.ts';
import { readResources } from '../resource-read.ts';
import { ResourceStore } from '../resource-store.ts';
import type { AnalysisMessage, AnalysisMode } from './analysis-context.ts';
import { analyze, messageText, originOf, unreadable } from './analyze.ts';

/** One mode's outcome as plain data. */
export interface PlainAnalysis {
  readonly messages: readonly PlainMessage[];
  readonly parseErrors?: readonly string[];
}

interface PlainMessage {
  readonly code: string;
  readonly level: string;
  readonly message: string;
  readonly origin: string;
  readonly line?: number;
  readonly text: string;
}

/** Analyzes one text in both modes; `meshConfig` is the YAML of a mesh configuration. */
export function analyzeText(
  name: string,
  text: string,
  meshConfig?: string,
): Readonly<Record<AnalysisMode, PlainAnalysis>> {
  const { documents, diagnostics } = readYaml(name, text, 'kubernetes');
  const resources = documents.flatMap((document) => readResources(document, 'default', []));
  const problems = [
    ...diagnostics.map(({ message }) => `failed converting YAML to JSON: ${message}`),
    ...resources.flatMap((resource) => unreadable(resource) ?? []),
  ];
  const [mesh] = meshConfig ? readYaml('mesh', meshConfig, 'kubernetes').documents : [];
  const store = ResourceStore.EMPTY.with(resources);
  const run = (mode: AnalysisMode): PlainAnalysis => {
    const spec = mesh && readMeshConfig(mesh, []);
    const messages = analyze(store, { mode, meshConfig: spec }).map(plainMessage);
    return problems.length === 0
      ? { messages }
      : { messages, parseErrors: [parseError(name, problems)] };
  };
  return { files: run('files'), cluster: run('cluster') };
}

function parseError(name: string, problems: readonly string[]): string {
  const count = problems.length === 1 ? '1 error' : `${problems.length} errors`;
  const lines = problems.map((problem) => `\t* error processing ${name}: ${problem}\n`).join('');
  return `errors parsing content "${name}": ${count} occurred:\n${lines}\n`;
}

function plainMessage(message: AnalysisMessage): PlainMessage {
  const { code, level, line } = message;
  const rest = { origin: originOf(message), text: messageText(message) };
  return line === undefined
    ? { code, level, message: message.message, ...rest }
    : { code, level, message: message.message, line, ...rest };
}
