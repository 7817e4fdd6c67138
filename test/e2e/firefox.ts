import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextSocket } from './websocket.ts';

const PLACES = [process.env['FIREFOX'], '/usr/bin/firefox-esr', '/usr/bin/firefox'];

type Answer = { readonly id: number; readonly type: string } & Record<string, unknown>;

/** The real Firefox of the machine, led by WebDriver BiDi: as much of it as opens a page and asks it. */
export class Firefox {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  #socket: TextSocket | undefined;
  #nextId = 1;
  #context = '';

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
  }

  static async start(): Promise<Firefox> {
    const path = PLACES.find((place) => place !== undefined && existsSync(place));
    if (path === undefined) throw new Error('no Firefox here: apt-get install firefox-esr');
    const profile = mkdtempSync(join(tmpdir(), 'meshsim-firefox-'));
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'];
    const process = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const firefox = new Firefox(process, profile);
    await firefox.#connect();
    return firefox;
  }

  async stop(): Promise<void> {
    this.#socket?.close();
    const isOver = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await isOver;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async open(url: string): Promise<void> {
    await this.#ask('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  /** What the page answers to an expression: a text, or a promise of one. */
  async evaluate(expression: string): Promise<string> {
    const target = { context: this.#context };
    const answer = await this.#ask('script.evaluate', { expression, target, awaitPromise: true });
    const { result } = answer as { result?: { value?: unknown } }; // Undefined after an exception.
    if (typeof result?.value !== 'string') throw new Error(JSON.stringify(answer).slice(0, 500));
    return result.value;
  }

  async #connect(): Promise<void> {
    const url = await this.#address();
    this.#socket = await TextSocket.open(`${url}/session`, (text) => {
      const answer: Answer = JSON.parse(text);
      this.#answers.get(answer.id)?.(answer);
      this.#answers.delete(answer.id);
    });
    await this.#ask('session.new', { capabilities: {} });
    const tree = await this.#ask('browsingContext.getTree', {});
    const { contexts } = tree as { contexts: readonly { context: string }[] }; // As BiDi has it.
    this.#context = contexts[0]!.context;
  }

  /** Firefox says where it listens when it is ready. */
  async #address(): Promise<string> {
    let text = '';
    for await (const part of this.#process.stderr!.iterator({ destroyOnReturn: false })) {
      text += part;
      const url = /WebDriver BiDi listening on (ws:\S+)/.exec(text)?.[1];
      if (url !== undefined) {
        this.#process.stderr!.resume();
        return url;
      }
    }
    throw new Error(`Firefox did not start: ${text}`);
  }

  #ask(method: string, params: object): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, (answer) => {
        if (answer.type === 'success') resolve(answer['result']);
        else reject(new Error(`${method}: ${answer['message']}`));
      });
      this.#socket?.send(JSON.stringify({ id, method, params }));
    });
  }
}
