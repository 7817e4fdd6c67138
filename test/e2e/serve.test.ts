import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { servedFolder } from './served-folder.ts';

describe('the server of meshsim serve', () => {
  const served = servedFolder('canary-how-exact');

  /** A path is sent as it is written: URLs would mend some. */
  const asked = (path: string): ClientRequest => request(served.url, { path });
  const saved = (path: string): ClientRequest =>
    request(served.url, {
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
    const file = join(served.folder, 'manifests/catalog.yaml');
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
