import type { EventTarget } from '#kernel/dispatcher.ts';
import { log } from '#kernel/math.ts';
import type { CaseAction, CaseLoad, RequestTemplate } from './case-file.ts';
import type { Scheduler } from './case-process.ts';
import { mulberry32 } from './mulberry32.ts';

/** One client of the load; it sends one request at a time. */
export interface LoadClient {
  /** Sends the next request made of `template`; calls `done` when its outcome is known. */
  send(template: RequestTemplate, done: () => void): void;
  close(): void;
}

/** What a load acts on. */
export interface LoadWorld {
  readonly scheduler: Scheduler;
  readonly nowMs: number;
  newClient(): LoadClient;
  act(action: CaseAction): void;
}

const CLOSE_AFTER_ONE_MS = 30;
const CLOSE_AFTER_MANY_MS = 60;

/** Runs loads one after the other, then calls `done`. */
export function runLoads(loads: readonly CaseLoad[], world: LoadWorld, done: () => void): void {
  const [first, ...rest] = loads;
  if (first === undefined) done();
  else runLoad(first, world, () => runLoads(rest, world, done));
}

function runLoad(load: CaseLoad, world: LoadWorld, done: () => void): void {
  switch (load.kind) {
    case 'wait':
      after(world, load.s * 1000, done);
      return;
    case 'action':
      world.act(load);
      done();
      return;
    case 'sequential':
      runSequential(load, world, done);
      return;
    case 'burst':
      runBurst(load, world, done);
      return;
    case 'closed':
      runClosed(load, world, done);
      return;
    case 'open':
      runOpen(load, world, done);
  }
}

type LoadOf<Kind extends CaseLoad['kind']> = Extract<CaseLoad, { kind: Kind }>;

function runSequential(load: LoadOf<'sequential'>, world: LoadWorld, done: () => void): void {
  const templates = expand(load.requests);
  const client = world.newClient();
  inTurn(load.n ?? templates.length, load.gap_ms ?? 0, templates, client, world, () => {
    after(world, CLOSE_AFTER_ONE_MS, () => {
      client.close();
      done();
    });
  });
}

function runBurst(load: LoadOf<'burst'>, world: LoadWorld, done: () => void): void {
  const templates = expand(load.requests);
  const count = load.n ?? templates.length;
  const clients = Array.from({ length: count }, () => world.newClient());
  const oneDone = countdown(count, () => closeAll(world, clients, done));
  clients.forEach((client, index) => {
    after(world, index * (load.stagger_ms ?? 0), () =>
      client.send(templates[index % templates.length]!, oneDone),
    );
  });
}

function runClosed(load: LoadOf<'closed'>, world: LoadWorld, done: () => void): void {
  const templates = expand(load.requests);
  const oneDone = countdown(load.concurrency, done);
  for (let index = 0; index < load.concurrency; index++) {
    after(world, index * (load.stagger_ms ?? 0), () => {
      const client = world.newClient();
      const think = load.think_ms ?? 0;
      inTurn(load.requests_per_client, think, templates, client, world, () => {
        after(world, CLOSE_AFTER_ONE_MS, () => {
          client.close();
          oneDone();
        });
      });
    });
  }
}

function runOpen(load: LoadOf<'open'>, world: LoadWorld, done: () => void): void {
  const templates = expand(load.requests);
  const arrivalsMs = arrivalTimes(load);
  const clients: LoadClient[] = [];
  const free: LoadClient[] = [];
  const oneDone = countdown(arrivalsMs.length, () => closeAll(world, clients, done));
  const send = (index: number): void => {
    let client = free.pop();
    if (client === undefined) {
      client = world.newClient();
      clients.push(client);
    }
    const taken = client;
    taken.send(templates[index % templates.length]!, () => {
      free.push(taken);
      oneDone();
    });
  };
  const startMs = world.nowMs;
  // The timer of each arrival is set when the one before was sent.
  const next = (index: number): void => {
    const atMs = arrivalsMs[index];
    if (atMs === undefined) return;
    const leftMs = startMs + atMs - world.nowMs;
    const act = (): void => {
      send(index);
      next(index + 1);
    };
    if (leftMs > SOON_MS) after(world, leftMs, act);
    else act();
  };
  next(0);
}

/** An arrival that is due so soon is sent without a timer. */
const SOON_MS = 0.3;

/** When requests of an open load are sent; the first at 0. */
function arrivalTimes(load: LoadOf<'open'>): number[] {
  const random = mulberry32(load.seed ?? 7);
  const meanMs = 1000 / load.rate_rps;
  const times: number[] = [];
  for (let atMs = 0; atMs < load.duration_s * 1000; ) {
    times.push(atMs);
    atMs += load.arrival === 'poisson' ? -log(1 - random()) * meanMs : meanMs;
  }
  return times;
}

/** One request after the other on one client, `pauseMs` after each answer. */
function inTurn(
  count: number,
  pauseMs: number,
  templates: readonly RequestTemplate[],
  client: LoadClient,
  world: LoadWorld,
  done: () => void,
): void {
  const step = (index: number): void => {
    if (index === count) {
      done();
      return;
    }
    client.send(templates[index % templates.length]!, () => {
      after(world, pauseMs, () => step(index + 1));
    });
  };
  step(0);
}

function expand(requests: readonly RequestTemplate[] | undefined): readonly RequestTemplate[] {
  return (requests ?? [{}]).flatMap((it) => Array.from({ length: it.repeat ?? 1 }, () => it));
}

function closeAll(world: LoadWorld, clients: readonly LoadClient[], done: () => void): void {
  after(world, CLOSE_AFTER_MANY_MS, () => {
    for (const client of clients) client.close();
    done();
  });
}

function countdown(count: number, done: () => void): () => void {
  let left = count;
  return () => {
    left--;
    if (left === 0) done();
  };
}

/** Calls `action` in `delayMs`, as an event of its own. */
export function after(
  world: Pick<LoadWorld, 'scheduler'>,
  delayMs: number,
  action: () => void,
): void {
  const target: EventTarget = { onEvent: action };
  world.scheduler.schedule(Math.round(delayMs * 1e6), target, 0);
}
