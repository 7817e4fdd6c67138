import { existsSync, readFileSync, watch } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { folderOf } from '#scenario/file/paths.ts';
import { EXIT } from './exit-code.ts';
import { WEB_FOLDER } from './html-output.ts';
import type { ProgramContext } from './program-context.ts';
import { type ReadProject, readProject } from './read-project.ts';
import { writeFile } from './write-file.ts';

export interface ServeOptions {
  readonly port: number;
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
]);
const MAX_BODY = 4 * 1024 * 1024;
const CHANGE_DELAY_MS = 150;

/**
 * Serves the page on this computer alone, on a scenario of the disk if one is named. Edits are written
 * back only when the page is asked to; other pages of the browser are refused.
 */
export async function serve(
  paths: readonly string[],
  options: ServeOptions,
  context: ProgramContext,
): Promise<void> {
  if (!existsSync(`${WEB_FOLDER}index.html`)) {
    context.say('error: the page is not built\n  hint: npm run build:web');
    context.endWith(EXIT.badInput);
    return;
  }
  const [scenario] = paths;
  if (scenario !== undefined && !existsSync(scenario)) {
    context.say(`error: ${scenario}: no such file`);
    context.endWith(EXIT.badInput);
    return;
  }
  const site = new LocalSite(scenario, context);
  const server = createServer((request, response) => site.answer(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  site.hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  context.print(`meshsim is at http://127.0.0.1:${port}/\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  site.close();
  server.close();
  server.closeAllConnections();
}

/** What the page asks for; every answer is for our own page alone. */
class LocalSite {
  hosts: readonly string[] = [];
  readonly #scenario: string | undefined;
  readonly #context: ProgramContext;
  readonly #listeners = new Set<ServerResponse>();
  readonly #watcher: { close(): void } | undefined;

  constructor(scenario: string | undefined, context: ProgramContext) {
    this.#scenario = scenario;
    this.#context = context;
    this.#watcher = scenario === undefined ? undefined : this.#watch(folderOf(scenario));
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#isOurs(request)) {
      response.writeHead(403).end('only the page of this server may ask\n');
      return;
    }
    const path = request.url ?? '/';
    // `//` alone is no path, and no URL.
    const url = new URL(path.startsWith('//') ? '/' : path, 'http://localhost');
    if (url.pathname === '/local/project') this.#sendProject(response);
    else if (url.pathname === '/local/changes') this.#listen(response);
    else if (url.pathname === '/local/file') this.#save(request, response, url);
    else sendFile(url.pathname, response);
  }

  close(): void {
    this.#watcher?.close();
    for (const listener of this.#listeners) listener.end();
  }

  /** A name that leads here from elsewhere, or another page's script, is refused. */
  #isOurs({ headers }: IncomingMessage): boolean {
    const { host, origin } = headers;
    if (host === undefined || !this.hosts.includes(host)) return false;
    if (origin !== undefined && !this.hosts.includes(origin.replace(/^http:\/\//, '')))
      return false;
    const site = headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  #project(): ReadProject | undefined {
    return this.#scenario === undefined
      ? undefined
      : readProject(this.#scenario, this.#context.files);
  }

  #sendProject(response: ServerResponse): void {
    const project = this.#project();
    if (project === undefined) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(project));
  }

  #listen(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': hello\n\n');
    this.#listeners.add(response);
    response.on('close', () => this.#listeners.delete(response));
  }

  /** Only files that the scenario reads, and only from our own page. */
  #save(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const path = url.searchParams.get('path') ?? '';
    const isAllowed =
      request.method === 'PUT' &&
      request.headers['x-meshsim'] === 'save' &&
      Object.hasOwn(this.#project()?.files ?? {}, path);
    if (!isAllowed || this.#scenario === undefined) {
      response.writeHead(403).end();
      return;
    }
    const target = path.startsWith('/') ? path : join(folderOf(this.#scenario), path);
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      text += part;
      if (text.length > MAX_BODY) request.destroy();
    });
    request.on('end', () => {
      const problem = writeFile(target, text);
      response.writeHead(problem === undefined ? 204 : 500).end(problem);
    });
  }

  #watch(folder: string): { close(): void } {
    let timer: NodeJS.Timeout | undefined;
    return watch(folder, { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        for (const listener of this.#listeners) listener.write('data: changed\n\n');
      }, CHANGE_DELAY_MS);
    });
  }
}

function sendFile(path: string, response: ServerResponse): void {
  const name = path === '/' ? 'index.html' : path.slice(1);
  const type = TYPES.get(extname(name));
  if (type === undefined || name.includes('..') || !existsSync(WEB_FOLDER + name)) {
    response.writeHead(404).end('no such page\n');
    return;
  }
  const body = readFileSync(WEB_FOLDER + name, 'utf8');
  const marked = body.replace(
    '<meta charset',
    '<meta name="meshsim-serve" content="1"><meta charset',
  );
  response.writeHead(200, { 'content-type': type, 'x-content-type-options': 'nosniff' });
  response.end(name === 'index.html' ? marked : body);
}
