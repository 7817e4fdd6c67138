import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { DIST } from './cli-process.ts';
import { scenarioPath } from './digest-in-node.ts';

/** `meshsim serve` on files that a test may change. */
export interface ServedFolder {
  readonly folder: string;
  /** Known when tests run. */
  readonly url: string;
}

/** A bundled scenario in a folder of its own, served. To be called once in a file of tests. */
export function servedFolder(scenario: string): ServedFolder {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-'));
  let server: ChildProcess | undefined;
  let url = '';

  beforeAll(async () => {
    cpSync(dirname(scenarioPath(scenario)), folder, { recursive: true });
    const args = [join(DIST, 'cli/main.js'), 'serve', join(folder, 'scenario.yaml')];
    server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const part of server.stdout!.iterator({ destroyOnReturn: false })) {
      url = /http:\S+/.exec(String(part))?.[0] ?? '';
      if (url !== '') break;
    }
  });
  afterAll(async () => {
    if (server?.kill() === true) await once(server, 'close');
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    folder,
    get url() {
      return url;
    },
  };
}
