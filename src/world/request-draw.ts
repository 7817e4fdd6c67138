import { HeaderMap } from '#envoy/http/header-map.ts';
import type { HttpRequest } from '#envoy/network.ts';
import { type DrawKey, keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import type { RequestTarget } from './behaviour.ts';
import { destinationOf } from './destination.ts';
import { type LatencySampler, latencySampler } from './latency.ts';
import type { HeaderChoice, RequestChoice } from './load.ts';

/** What a client sends next: the request, and where its connections go. */
export interface DrawnRequest {
  readonly request: HttpRequest;
  readonly destination: string;
  readonly target: RequestTarget;
}

/** Different requests that are remembered per choice: proxies remember by identity. */
const MAX_REMEMBERED = 100_000;

/**
 * Draws a client's requests: which one by weight, each header and each path value by a draw of its own
 * that belongs to the request's number. Equal requests are one object.
 */
export class RequestDraw {
  declare private readonly choices: readonly CompiledChoice[];
  declare private readonly choicePurpose: number;
  /** The only request there is, if nothing is drawn. */
  declare private readonly only: DrawnRequest | undefined;

  constructor(choices: readonly RequestChoice[], client: string, seed: number) {
    this.choicePurpose = streamHash(seed, `client/${client}/choice`);
    this.choices = compileChoices(choices, client, seed);
    const [first, second] = this.choices;
    this.only = second === undefined && first?.isFixed ? first.draw(NO_KEY, 0) : undefined;
  }

  /** `user`: whose request it is, from 0; `{user}` in paths and headers is their number from 1. */
  draw(key: DrawKey, user = 0): DrawnRequest {
    return this.only ?? this.#choose(key).draw(key, user);
  }

  #choose(key: DrawKey): CompiledChoice {
    if (this.choices.length === 1) return this.choices[0]!;
    const uniform = keyedUniform(this.choicePurpose, key);
    for (const choice of this.choices) if (uniform < choice.below) return choice;
    return this.choices.at(-1)!;
  }
}

const NO_KEY: DrawKey = { rootNumber: 0, streamHash: 0, callPathHash: 0, attempt: 0 };

function compileChoices(
  choices: readonly RequestChoice[],
  client: string,
  seed: number,
): readonly CompiledChoice[] {
  const total = choices.reduce((sum, choice) => sum + choice.weight, 0);
  let below = 0;
  return choices.map((choice) => {
    below += choice.weight / total;
    return new CompiledChoice(choice, below, client, seed);
  });
}

/** Something drawn per request: the index of a value. */
interface Drawing {
  readonly purpose: number;
  readonly below: readonly number[];
}

class CompiledChoice {
  /** The upper end of its share among all choices. */
  declare readonly below: number;
  declare private readonly choice: RequestChoice;
  declare private readonly drawings: readonly Drawing[];
  declare private readonly destination: string;
  /** Something in it is the user's own. */
  declare private readonly hasUser: boolean;
  declare private readonly session: LatencySampler | undefined;
  declare private readonly sessionPurpose: number;
  /** By the drawn indexes, as one number. */
  readonly #made = new Map<number, DrawnRequest>();
  readonly #picks: number[] = [];

  constructor(choice: RequestChoice, below: number, client: string, seed: number) {
    this.below = below;
    this.choice = choice;
    this.destination = destinationOf(choice.target);
    this.hasUser = hasUser(choice);
    this.session = choice.session && latencySampler(choice.session);
    this.sessionPurpose = streamHash(seed, `client/${client}/session`);
    const headers = choice.headers.map((header) => ({
      purpose: streamHash(seed, `client/${client}/header/${header.name}`),
      below: upperEnds(header.values.map(({ share }) => share)),
    }));
    const values = choice.values.map((value) => ({
      purpose: streamHash(seed, `client/${client}/value/${value.name}`),
      below: upperEnds(value.values.map(() => 1 / value.values.length)),
    }));
    this.drawings = [...headers, ...values];
  }

  get isFixed(): boolean {
    return (
      !this.hasUser &&
      (this.session === undefined || this.session.constantNs !== undefined) &&
      this.drawings.every((drawing) => drawing.below.length === 1)
    );
  }

  draw(key: DrawKey, user: number): DrawnRequest {
    const drawn = this.#drawAlike(key, user);
    const session = this.session;
    if (session === undefined || session.constantNs !== undefined) return drawn;
    const sessionNs = session.sampleNs(keyedUniform(this.sessionPurpose, key));
    return { ...drawn, request: { ...drawn.request, sessionNs } };
  }

  #drawAlike(key: DrawKey, user: number): DrawnRequest {
    const picks = this.#picks;
    let index = 0;
    for (let at = 0; at < this.drawings.length; at++) {
      const drawing = this.drawings[at]!;
      picks[at] = pick(drawing, key);
      index = index * drawing.below.length + picks[at]!;
    }
    if (this.hasUser) index = index * MAX_USERS + user;
    let made = this.#made.get(index);
    if (made === undefined) {
      made = this.#make(picks, user);
      if (this.#made.size >= MAX_REMEMBERED) this.#made.clear();
      this.#made.set(index, made);
    }
    return made;
  }

  #make(picks: readonly number[], user: number): DrawnRequest {
    const { target, headers, values, bodyBytes } = this.choice;
    const sessionNs = this.session?.constantNs;
    const isTcp = target.scheme === 'tcp';
    const path = values.reduce((text, { name, values: all }, index) => {
      const value = all[picks[headers.length + index]!]!;
      return text.split(`{${name}}`).join(encodeURIComponent(value));
    }, target.path);
    const request = {
      method: isTcp ? 'TCP' : target.method,
      path: isTcp ? '' : withUser(path, user),
      authority: isTcp ? '' : target.authority,
      scheme: isTcp ? '' : target.scheme === 'https' ? 'https' : 'http',
      headers: headerMap(target, headers, picks, user),
      bodyBytes,
      ...(sessionNs === undefined ? {} : { sessionNs }),
    };
    return { request, destination: this.destination, target };
  }
}

function headerMap(
  target: RequestTarget,
  headers: readonly HeaderChoice[],
  picks: readonly number[],
  user: number,
): HeaderMap {
  const map = new HeaderMap();
  if (target.scheme === 'grpc') map.set('content-type', 'application/grpc');
  headers.forEach((header, index) => {
    const { value } = header.values[picks[index]!]!;
    if (value !== '') map.set(header.name, withUser(value, user));
  });
  return map;
}

/** No client has more. */
const MAX_USERS = 2 ** 20;
const USER = '{user}';

function hasUser({ target, headers, values }: RequestChoice): boolean {
  return (
    (target.path.includes(USER) && values.every(({ name }) => name !== 'user')) ||
    headers.some((header) => header.values.some(({ value }) => value.includes(USER)))
  );
}

function withUser(text: string, user: number): string {
  return text.includes(USER) ? text.split(USER).join(String(user + 1)) : text;
}

function upperEnds(shares: readonly number[]): readonly number[] {
  let below = 0;
  return shares.map((share) => {
    below += share;
    return below;
  });
}

function pick({ purpose, below }: Drawing, key: DrawKey): number {
  if (below.length === 1) return 0;
  const uniform = keyedUniform(purpose, key);
  for (let index = 0; index < below.length; index++) if (uniform < below[index]!) return index;
  return below.length - 1;
}
