import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIST } from './cli-process.ts';
import { scenarioPath } from './digest-in-node.ts';

describe('the server of meshsim serve', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meshsim-'));
  let server: ChildProcess;
  let url = '';

  beforeAll(async () => {
    cpSync(dirname(scenarioPath('canary-how-exact')), folder, { recursive: true });
    const args = [join(DIST, 'cli/main.js'), 'serve', join(folder, 'scenario.yaml')];
    server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const part of server.stdout!.iterator({ destroyOnReturn: false })) {
      url = /http:\S+/.exec(String(part))?.[0] ?? '';
      if (url !== '') break;
    }
  });
  afterAll(async () => {
    server.kill();
    await once(server, 'close');
    rmSync(folder, { recursive: true, force: true });
  });

  /** A path is sent as it is written: URLs would mend some. */
  const asked = (path: string): ClientRequest => request(url, { path });
  const saved = (path: string): ClientRequest =>
    request(url, {
      method: 'PUT',
      path: `/local/file?path=${path}`,
      headers: { 'x-meshsim': 'save', expect: '100-continue' },
    });

  it('answers paths that are no URLs', async () => {
    expect((await answerOf(asked('//'))).status).toBe(200);
    expect((await answerOf(asked('/constructor'))).status).toBe(404);
    expect((await answerOf(asked('/../package.json'))).status).toBe(404);
  });

  it('writes no file that the scenario does not read, whatever objects inherit', async () => {
    expect((await answerOf(saved('constructor'))).status).toBe(403);
    expect((await answerOf(saved('../scenario.yaml'))).status).toBe(403);
  });

  it('says why a file cannot be written, and goes on', async () => {
    const file = join(folder, 'manifests/catalog.yaml');
    const save = saved('manifests/catalog.yaml');
    save.flushHeaders();
    await once(save, 'continue');
    await answerOf(asked('/')); // The server has taken the request before: now the file goes.
    rmSync(file);
    mkdirSync(file);
    const { status, text } = await answerOf(save);
    expect(status).toBe(500);
    expect(text).toBe(`cannot write ${file}: it is a directory`);
    expect((await answerOf(asked('/'))).status).toBe(200);
  });
});

async function answerOf(asked: ClientRequest): Promise<{ status: number; text: string }> {
  const answered = once(asked, 'response');
  asked.end(asked.method === 'PUT' ? 'a' : undefined);
  const [response] = (await answered) as [IncomingMessage];
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += String(part);
  return { status: response.statusCode ?? 0, text };
}
