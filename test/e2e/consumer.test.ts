import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './cli-process.ts';

/** Runs a command to its end; its output is shown if it fails. */
function command(cwd: string, name: string, args: readonly string[]): string {
  const env = { ...process.env, NO_COLOR: '1', npm_config_loglevel: 'error' };
  const { status, stdout, stderr } = spawnSync(name, args, { cwd, encoding: 'utf8', env });
  expect(`${status} ${status === 0 ? '' : stdout + stderr}`).toBe('0 ');
  return stdout;
}

/** Where a scenario of the package lies in a project that has installed it. */
const PACKED_CANARY = 'node_modules/meshsim/scenarios/canary-how-exact/scenario.yaml';

describe('the packed package in a project of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-consumer-'));

  beforeAll(() => {
    cpSync(join(ROOT, 'test/consumer'), folder, { recursive: true });
    command(ROOT, 'npm', ['pack', '--ignore-scripts', '--pack-destination', folder]);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--legacy-peer-deps'];
    command(folder, 'npm', ['install', ...quiet, `./${tarball}`]);
    // The runner and the compiler are those of this checkout: the package is what is tested.
    for (const name of ['vitest', 'typescript'])
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  });

  it('holds its mesh to its expectations', () => {
    const runner = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const output = command(folder, process.execPath, [runner, 'run', '--root', folder]);
    expect(output).toMatch(/Tests +3 passed/);
  });

  it('finds its types', () => {
    command(folder, process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.']);
  });

  it('has the command', () => {
    const output = command(folder, join(folder, 'node_modules/.bin/meshsim'), ['demo', 'canary']);
    expect(output).toContain('EXPECTATIONS');
  });

  it('writes a run as one HTML file', () => {
    const scenario = join(folder, PACKED_CANARY);
    const args = ['run', scenario, '--out', 'html=report.html'];
    command(folder, join(folder, 'node_modules/.bin/meshsim'), args);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('id="meshsim-report">{');
  });

  it('serves the page, and its own files to it alone', async () => {
    const args = [join(folder, 'node_modules/.bin/meshsim'), 'serve', join(folder, PACKED_CANARY)];
    const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const url = await addressOf(server.stdout);
      const page = await fetch(url);
      expect([page.status, await page.text()]).toEqual([
        200,
        expect.stringContaining('meshsim-serve'),
      ]);
      const project = await fetch(new URL('local/project', url));
      expect(await project.json()).toMatchObject({ scenario: 'scenario.yaml' });
      const headers = { origin: 'http://elsewhere.example' };
      expect((await fetch(new URL('local/project', url), { headers })).status).toBe(403);
    } finally {
      server.kill();
    }
  });

  it('has every file that it promises', () => {
    command(ROOT, join(ROOT, 'node_modules/.bin/publint'), ['run', '--strict', '--pack', 'npm']);
  });
});

/** What `meshsim serve` says as soon as it listens. */
async function addressOf(output: Readable): Promise<string> {
  let text = '';
  for await (const part of output) {
    text += part;
    const url = /http:\/\/\S+/.exec(text)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error(`the server ended: ${text}`);
}
