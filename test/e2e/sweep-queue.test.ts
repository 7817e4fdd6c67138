import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, installed } from '../needs.ts';
import { DIST, meshsim, ROOT } from './cli-process.ts';

const SERVER = installed(['valkey-server', 'redis-server']);
const SCENARIO = join(ROOT, 'scenarios/canary-how-exact/scenario.yaml');
const SWEEP = ['sweep', SCENARIO, '--vary', 'clients.hundred.load.requests=50,100', '-o', 'json'];

/** `meshsim` as a process that goes on beside the test. */
function machine(args: readonly string[]): { child: ChildProcess; stdout: Promise<string> } {
  const child = spawn(process.execPath, [join(DIST, 'cli/main.js'), ...args], { cwd: ROOT });
  const chunks: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  const stdout = once(child, 'close').then(() => chunks.join(''));
  return { child, stdout };
}

function overQueue(): void {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-queue-'));
  const queue = join(folder, 'queue.sock');
  let server: ChildProcess;
  let redis: Redis;

  beforeAll(async () => {
    const options = ['--port', '0', '--unixsocket', queue, '--save', '', '--dir', folder];
    server = spawn(SERVER!, options, { stdio: 'ignore' });
    redis = new Redis(queue, { maxRetriesPerRequest: null });
    redis.on('error', () => {}); // Until it listens.
    await redis.ping();
  });

  afterAll(async () => {
    redis.disconnect();
    server.kill('SIGKILL');
    await once(server, 'close');
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives every machine the document that one machine gives, each run once', async () => {
    const args = [...SWEEP, '--seeds', '2'];
    const alone = meshsim(args).stdout;
    const both = [1, 2].map(() => machine([...args, '--jobs', '1', '--queue', queue]));
    expect(await Promise.all(both.map(({ stdout }) => stdout))).toEqual([alone, alone]);
    const [runs] = await redis.keys('bull:*:completed');
    expect(await redis.zcard(runs!)).toBe(4);
    // What is known is not run again.
    const before = await redis.zrange(runs!, 0, -1, 'WITHSCORES');
    expect(meshsim([...args, '--queue', queue]).stdout).toBe(alone);
    expect(await redis.zrange(runs!, 0, -1, 'WITHSCORES')).toEqual(before);
  });

  it('runs again what was lost with its machine', async () => {
    await redis.flushall();
    const long = [...SWEEP, '--seeds', '1', '--set', 'clients.thousand.load.requests=30000'];
    const args = [...long, '--set', 'clients.thousand.load.rate=750/s', '--jobs', '1'];
    const lost = machine([...args, '--queue', queue]);
    const isOver = () => lost.child.exitCode !== null;
    await expect.poll(async () => isOver() || (await activeRuns(redis)) > 0).toBe(true);
    const wasLost = lost.child.kill('SIGKILL');
    await lost.stdout;
    // Whoever was too late to kill it has its results.
    expect((await activeRuns(redis)) > 0).toBe(wasLost);
    expect(meshsim([...args, '--queue', queue]).stdout).toBe(meshsim(args).stdout);
  });

  it('refuses what it cannot do', () => {
    const nobody = meshsim([...SWEEP, '--queue', join(folder, 'nobody.sock')]);
    expect(nobody).toMatchObject({ code: 2, stdout: '' });
    expect(nobody.stderr).toContain('error: no queue server at');
    const shard = meshsim([...SWEEP, '--queue', queue, '--shard', '1/2']);
    expect(shard.stderr).toContain('leave --shard away');
  });
}

describeWith('a queue server (redis-server)', SERVER !== undefined)(
  'a sweep over a queue server',
  overQueue,
  { timeout: 300_000 },
);

async function activeRuns(redis: Redis): Promise<number> {
  const [active] = await redis.keys('bull:*:active');
  return active === undefined ? 0 : redis.llen(active);
}
