import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** `MESHSIM_DIST` names another build than the project's own. */
export const DIST = process.env['MESHSIM_DIST'] ?? join(ROOT, 'dist');
const MAIN = join(DIST, 'cli/main.js');

/** What a command left behind. */
export interface CliOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `meshsim` as people do: as a process of its own. */
export function meshsim(
  args: readonly string[],
  options: { cwd?: string; input?: string } = {},
): CliOutcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: options.cwd ?? ROOT,
    input: options.input ?? '',
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: status, stdout, stderr };
}

/** A folder with these files, in the temporary directory. */
export function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-e2e-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** The parts of `meshsim/summary/v1` that tests read. */
export interface Summary {
  readonly digest: string;
  readonly expectations: readonly { readonly name: string; readonly holds: boolean }[];
  readonly splits: readonly {
    readonly of: string;
    readonly parts: readonly { readonly name: string; readonly requestCount: number }[];
  }[];
  readonly responses: readonly {
    readonly responseCode: number;
    readonly responseFlags: string;
    readonly requestCount: number;
  }[];
  readonly edges: readonly { readonly source: string; readonly destination: string }[];
  readonly blame: readonly Blame[];
}

export interface Blame {
  readonly requestCount: number;
  readonly responseCode: number;
  readonly responseFlags: string;
  readonly source: string;
  readonly cause: {
    readonly object: string;
    readonly setting: string;
    readonly at: { readonly file: string; readonly line: number } | null;
  } | null;
}

/** The summary of a run as JSON. */
export function summaryOf(args: readonly string[], cwd?: string): Summary {
  const { stdout, stderr, code } = meshsim(
    ['run', ...args, '-o', 'json', '--reproducible'],
    cwd === undefined ? {} : { cwd },
  );
  if (code !== 0 && code !== 1) throw new Error(`meshsim ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Summary;
}
