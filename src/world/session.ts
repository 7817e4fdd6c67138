import { HeaderMap } from '#envoy/http/header-map.ts';
import type { HttpRequest, HttpResponse } from '#envoy/network.ts';
import { CookieJar } from './cookie-jar.ts';
import type { Outbound } from './outbound.ts';
import { OutboundPool } from './outbound-pool.ts';
import type { DrawnRequest } from './request-draw.ts';

/** Where a client's requests start, chosen in turn: its ready pods, or those of a gateway. */
export type ClientOrigins = () => readonly Outbound[];

/** What a session needs of its client. */
export interface SessionOwner {
  readonly origins: ClientOrigins;
  readonly keepsCookies: boolean;
  /** Counts round the origins. */
  nextTurn(): number;
}

interface OwnPool {
  readonly origin: Outbound;
  readonly pool: OutboundPool;
  readonly jar: CookieJar | undefined;
  /** What was sent last: the same request with the same cookies is the same object. */
  drawn: HttpRequest | undefined;
  cookies: string;
  made: HttpRequest | undefined;
}

/** The first of the ports that Linux gives to connections, and how many there are. */
const FIRST_PORT = 32_768;
const PORT_COUNT = 28_232;

/** One user as the mesh sees it: connections, a port and cookies of its own. */
export class Session {
  /** From 0. */
  readonly user: number;
  readonly #owner: SessionOwner;
  readonly #pools = new Map<string, OwnPool>();

  constructor(user: number, owner: SessionOwner) {
    this.user = user;
    this.#owner = owner;
  }

  /** Its own connections to a destination: they stay where they are while their pod is there. */
  poolFor(drawn: DrawnRequest): OutboundPool | undefined {
    return this.#ownPool(drawn)?.pool;
  }

  /** The request with the cookies that it has. */
  requestFor(drawn: DrawnRequest, nowNs: number): HttpRequest {
    if (!this.#owner.keepsCookies) return drawn.request;
    const own = this.#ownPool(drawn);
    const cookies = own?.jar?.headerFor(drawn.request.path, nowNs) ?? '';
    if (own === undefined || cookies === '') return drawn.request;
    if (own.made === undefined || own.drawn !== drawn.request || own.cookies !== cookies) {
      own.drawn = drawn.request;
      own.cookies = cookies;
      own.made = withCookies(drawn.request, cookies);
    }
    return own.made;
  }

  answered(drawn: DrawnRequest, response: HttpResponse, nowNs: number): void {
    this.#pools.get(drawn.destination)?.jar?.take(response.headers, nowNs);
  }

  #ownPool(drawn: DrawnRequest): OwnPool | undefined {
    const known = this.#pools.get(drawn.destination);
    const all = this.#owner.origins();
    if (known !== undefined && all.includes(known.origin)) return known;
    if (all.length === 0) return undefined;
    const origin = all[this.#owner.nextTurn() % all.length]!;
    const own = {
      origin,
      pool: new OutboundPool(origin.routeTo(drawn.target, FIRST_PORT + (this.user % PORT_COUNT))),
      jar: known?.jar ?? (this.#owner.keepsCookies ? new CookieJar() : undefined),
      drawn: undefined,
      cookies: '',
      made: undefined,
    };
    this.#pools.set(drawn.destination, own);
    return own;
  }
}

function withCookies(request: HttpRequest, cookies: string): HttpRequest {
  const headers = new HeaderMap();
  headers.copyFrom(request.headers);
  const written = request.headers.get('cookie');
  headers.set('cookie', written === undefined ? cookies : `${written}; ${cookies}`);
  return { ...request, headers };
}
