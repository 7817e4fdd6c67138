import type { ViewCause } from '#report/run-view.ts';
import type { Project } from '../engine/protocol.ts';
import { edit } from './engine.ts';

export interface Remedy {
  /** Named by its change: `Try 8 pending, 2 connections`. */
  readonly name: string;
  readonly apply: () => void;
}

const MAX_LINES = 14;

/** At most one thing to try: a wider pool, found beside the line that is to blame. */
export function remedyOf(cause: ViewCause | undefined, project: Project): Remedy | undefined {
  if (cause?.at === undefined || !cause.flags.includes('UO')) return undefined;
  const text = project.files[cause.at.file];
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const wider = [
    { key: 'http1MaxPendingRequests', name: 'pending', by: 8 },
    { key: 'maxConnections', name: 'connections', by: 2 },
    { key: 'http2MaxRequests', name: 'requests', by: 4 },
  ];
  const said: string[] = [];
  for (let index = Math.max(0, cause.at.line - 3); index < cause.at.line + MAX_LINES; index++) {
    if (lines[index] === undefined || lines[index]!.startsWith('---')) break;
    for (const { key, name, by } of wider)
      lines[index] = lines[index]!.replace(
        new RegExp(`(${key}:\\s*)(\\d+)`),
        (_, head: string, digits: string) => {
          const value = Number(digits) * by;
          said.push(`${value} ${name}`);
          return `${head}${value}`;
        },
      );
  }
  if (said.length === 0) return undefined;
  const file = cause.at.file;
  const files = { ...project.files, [file]: lines.join('\n') };
  return {
    name: `Try ${said.slice(0, 3).join(', ')}`,
    apply: () => edit({ ...project, files }, true),
  };
}
