import { HeaderMap } from '#envoy/http/header-map.ts';
import type { HttpRequest } from '#envoy/network.ts';
import { type DrawKey, keyedUniform, streamHash } from '#kernel/keyed-random.ts';
import type { RequestTarget } from './behaviour.ts';
import { destinationOf } from './destination.ts';
import type { HeaderChoice, RequestChoice } from './load.ts';

/** What a client sends next: the request, and where its connections go. */
export interface DrawnRequest {
  readonly request: HttpRequest;
  readonly destination: string;
  readonly target: RequestTarget;
  /** How long a TCP session lasts; 0 for HTTP. */
  readonly sessionNs: number;
}

/** Different requests that are remembered per choice: proxies remember by identity. */
const MAX_REMEMBERED = 100_000;

/**
 * Draws a client's requests: which one by weight, each header and each path value by a draw of its own
 * that belongs to the request's number. Equal requests are one object.
 */
export class RequestDraw {
  readonly #choices: readonly CompiledChoice[];
  readonly #choicePurpose: number;
  /** The only request there is, if nothing is drawn. */
  readonly #only: DrawnRequest | undefined;

  constructor(choices: readonly RequestChoice[], client: string, seed: number) {
    this.#choicePurpose = streamHash(seed, `client/${client}/choice`);
    this.#choices = compileChoices(choices, client, seed);
    const [first, second] = this.#choices;
    this.#only = second === undefined && first?.isFixed ? first.draw(NO_KEY) : undefined;
  }

  draw(key: DrawKey): DrawnRequest {
    return this.#only ?? this.#choose(key).draw(key);
  }

  #choose(key: DrawKey): CompiledChoice {
    if (this.#choices.length === 1) return this.#choices[0]!;
    const uniform = keyedUniform(this.#choicePurpose, key);
    for (const choice of this.#choices) if (uniform < choice.below) return choice;
    return this.#choices.at(-1)!;
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
  readonly below: number;
  readonly #choice: RequestChoice;
  readonly #drawings: readonly Drawing[];
  readonly #destination: string;
  /** By the drawn indexes, as one number. */
  readonly #made = new Map<number, DrawnRequest>();
  readonly #picks: number[] = [];

  constructor(choice: RequestChoice, below: number, client: string, seed: number) {
    this.below = below;
    this.#choice = choice;
    this.#destination = destinationOf(choice.target);
    const headers = choice.headers.map((header) => ({
      purpose: streamHash(seed, `client/${client}/header/${header.name}`),
      below: upperEnds(header.values.map(({ share }) => share)),
    }));
    const values = choice.values.map((value) => ({
      purpose: streamHash(seed, `client/${client}/value/${value.name}`),
      below: upperEnds(value.values.map(() => 1 / value.values.length)),
    }));
    this.#drawings = [...headers, ...values];
  }

  get isFixed(): boolean {
    return this.#drawings.every((drawing) => drawing.below.length === 1);
  }

  draw(key: DrawKey): DrawnRequest {
    const picks = this.#picks;
    let index = 0;
    for (let at = 0; at < this.#drawings.length; at++) {
      const drawing = this.#drawings[at]!;
      picks[at] = pick(drawing, key);
      index = index * drawing.below.length + picks[at]!;
    }
    let made = this.#made.get(index);
    if (made === undefined) {
      made = this.#make(picks);
      if (this.#made.size >= MAX_REMEMBERED) this.#made.clear();
      this.#made.set(index, made);
    }
    return made;
  }

  #make(picks: readonly number[]): DrawnRequest {
    const { target, headers, values, bodyBytes, sessionNs } = this.#choice;
    const isTcp = target.scheme === 'tcp';
    const path = values.reduce((text, { name, values: all }, index) => {
      const value = all[picks[headers.length + index]!]!;
      return text.split(`{${name}}`).join(encodeURIComponent(value));
    }, target.path);
    const request = {
      method: isTcp ? 'TCP' : target.method,
      path: isTcp ? '' : path,
      authority: isTcp ? '' : target.authority,
      scheme: isTcp ? '' : target.scheme === 'https' ? 'https' : 'http',
      headers: headerMap(target, headers, picks),
      bodyBytes,
    };
    return { request, destination: this.#destination, target, sessionNs };
  }
}

function headerMap(
  target: RequestTarget,
  headers: readonly HeaderChoice[],
  picks: readonly number[],
): HeaderMap {
  const map = new HeaderMap();
  if (target.scheme === 'grpc') map.set('content-type', 'application/grpc');
  headers.forEach((header, index) => {
    const { value } = header.values[picks[index]!]!;
    if (value !== '') map.set(header.name, value);
  });
  return map;
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
