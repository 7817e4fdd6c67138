import type { RunResult } from '#scenario/run-result.ts';
import { NOTHING, rateText, shareText } from './format.ts';

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly isFailing: boolean;
}

/** Who called whom, with rates, as a Mermaid flowchart. */
export function mermaidText(result: RunResult): string {
  const edges = edgesOf(result);
  const ids = idsOf(edges);
  const failing = edges.flatMap(({ isFailing }, index) => (isFailing ? [index] : []));
  return [
    'flowchart LR',
    ...[...ids].map(([name, id]) => `  ${id}["${name.replaceAll('"', '#quot;')}"]`),
    ...edges.map(({ from, to, label }) => `  ${ids.get(from)} -->|"${label}"| ${ids.get(to)}`),
    ...(failing.length === 0 ? [] : [`  linkStyle ${failing.join(',')} stroke:#c4281c`]),
    '',
  ].join('\n');
}

/** The same for Graphviz. */
export function dotText(result: RunResult): string {
  const quoted = (text: string) =>
    `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  return [
    `digraph ${quoted(result.title)} {`,
    '  rankdir=LR;',
    '  node [shape=box];',
    ...edgesOf(result).map(({ from, to, label, isFailing }) => {
      const colour = isFailing ? ', color="#c4281c"' : '';
      return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(label)}${colour}];`;
    }),
    '}',
    '',
  ].join('\n');
}

/** By source, then destination, as in the summary. */
function edgesOf({ edges }: RunResult): readonly Edge[] {
  return edges.map(({ source, destination, ratePerSecond, successShare }) => {
    const rate = Number.isNaN(ratePerSecond) ? NOTHING : rateText(ratePerSecond);
    const isFailing = successShare < 1;
    return {
      from: source,
      to: destination,
      label: isFailing ? `${rate}, ${shareText(1 - successShare)} 5xx` : rate,
      isFailing,
    };
  });
}

function idsOf(edges: readonly Edge[]): ReadonlyMap<string, string> {
  const names = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].sort();
  return new Map(names.map((name, index) => [name, `n${index}`]));
}
