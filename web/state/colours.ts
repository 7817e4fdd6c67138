import type { RunView } from '#report/run-view.ts';
import { edgeFlows, versionOf } from './flow-sums.ts';

const OF_VERSIONS = ['s1', 's4', 's3', 's5'];
const OF_FLAGS = ['s2', 's7', 's8', 's6'];
/** Frequent flags always have the same colour, whatever else occurs. */
const KNOWN_FLAGS = ['UO', 'UH', 'URX', 'UF'];

/** A version keeps its colour in every chart. */
export function versionColour(view: RunView, version: string): string {
  const versions = [...new Set(edgeFlows(view).map(versionOf))].filter((it) => it !== '').sort();
  const index = versions.indexOf(version);
  return `var(--${OF_VERSIONS[Math.max(0, index) % OF_VERSIONS.length]})`;
}

/** So does a flag; by its first one where there are several. */
export function flagsColour(flags: string): string {
  return `var(--${flagsToken(flags)})`;
}

/** For text: two of the series are too faint for it. */
export function flagsInk(flags: string): string {
  const token = flagsToken(flags);
  return `var(--${token === 's6' ? 's6-ink' : token})`;
}

function flagsToken(flags: string): string {
  const last = flags.split(',').at(-1) ?? '';
  const known = KNOWN_FLAGS.indexOf(flags.includes('URX') ? 'URX' : last);
  if (known >= 0) return OF_FLAGS[known]!;
  let hash = 0;
  for (const letter of flags) hash = (hash * 31 + letter.charCodeAt(0)) >>> 0;
  return flags === '-' ? 's8' : OF_FLAGS[hash % OF_FLAGS.length]!;
}
