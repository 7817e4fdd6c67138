import { assert } from '#kernel/assert.ts';
import { InternTable } from './intern-table.ts';
import type { ClientLabels, ClusterLabels, HostLabels, ProxyLabels } from './labels.ts';
import {
  type ClientRequest,
  type GaugeKind,
  type GaugeLabels,
  NONE,
  type OverflowLimit,
  type ProxyRequest,
  type RequestProtocol,
  type RowId,
  type UpstreamAttempt,
} from './recorder.ts';
import type { FlagSequence } from './response-flags.ts';
import { TupleTable } from './tuple-table.ts';

/** What a row counts. The place in the list is what a tuple holds. */
const ROW_KINDS = [
  'source',
  'destination',
  'client',
  'attempt',
  'ejection',
  'unejection',
  'overflow',
  'push',
  'mirror',
  'unfinished',
  'dropped',
  'inflight',
  'pending',
  'connections',
  'queue',
  'tcpSource',
  'tcpDestination',
  'serving',
] as const;

export type RowKind = (typeof ROW_KINDS)[number];

const PROTOCOLS: readonly RequestProtocol[] = ['http', 'grpc', 'tcp'];

export const OVERFLOW_LIMITS: readonly OverflowLimit[] = [
  'requests',
  'pending',
  'connections',
  'retries',
  'connection_pools',
];

/**
 * The tuples that everything is counted by, as rows of seven words. Word 0 packs kind (5 bits),
 * protocol (2), mutual TLS (1), code (10), gRPC status + 1 (5) and attempt(s) (9); words 1 to 4 are
 * proxy or client, route or proxy row, cluster, host or peer; words 5 and 6 the flags, 30 bits each.
 */
export class RowTable {
  readonly proxies = new InternTable<ProxyLabels>();
  readonly clusters = new InternTable<ClusterLabels>();
  readonly hosts = new InternTable<HostLabels>();
  readonly routes = new InternTable<string>();
  readonly clients = new InternTable<ClientLabels>();
  readonly #tuples = new TupleTable();

  get rowCount(): number {
    return this.#tuples.rowCount;
  }

  ofProxyRequest(request: ProxyRequest): RowId {
    const atSource = request.reporter === 'source';
    const { flags } = request;
    const isTcp = request.protocol === 'tcp';
    const kind = atSource ? (isTcp ? TCP_SOURCE : SOURCE) : isTcp ? TCP_DESTINATION : DESTINATION;
    return this.#tuples.rowOf(
      kind |
        (protocolCode(request.protocol) << PROTOCOL_SHIFT) |
        (request.mutualTls === true ? MUTUAL_TLS : 0) |
        (request.code << CODE_SHIFT) |
        (Math.min(request.grpcStatus + 1, MAX_GRPC) << GRPC_SHIFT) |
        (Math.min(request.attempts, MAX_ATTEMPT) << ATTEMPT_SHIFT),
      request.proxy,
      request.route,
      request.cluster,
      atSource ? request.host : request.peer,
      flags % FLAG_WORD,
      Math.floor(flags / FLAG_WORD),
    );
  }

  ofClientRequest(request: ClientRequest, flags: FlagSequence): RowId {
    return this.#tuples.rowOf(
      CLIENT | (request.code << CODE_SHIFT),
      request.client,
      request.row,
      NONE,
      NONE,
      flags % FLAG_WORD,
      Math.floor(flags / FLAG_WORD),
    );
  }

  ofAttempt(attempt: UpstreamAttempt): RowId {
    const { flags } = attempt;
    return this.#tuples.rowOf(
      ATTEMPT |
        (protocolCode(attempt.protocol) << PROTOCOL_SHIFT) |
        (attempt.code << CODE_SHIFT) |
        (Math.min(attempt.attempt, MAX_ATTEMPT) << ATTEMPT_SHIFT),
      attempt.proxy,
      attempt.route,
      attempt.cluster,
      attempt.host,
      flags % FLAG_WORD,
      Math.floor(flags / FLAG_WORD),
    );
  }

  /** Of an event at a proxy; `detail` is a small integer that tells such events apart. */
  ofEvent(kind: RowKind, proxy: number, cluster: number, host: number, detail = 0): RowId {
    const head = ROW_KINDS.indexOf(kind) | (detail << CODE_SHIFT);
    return this.#tuples.rowOf(head, proxy, NONE, cluster, host, 0, 0);
  }

  ofClientEvent(kind: 'unfinished' | 'dropped', client: number): RowId {
    const head = ROW_KINDS.indexOf(kind);
    return this.#tuples.rowOf(head, client, NONE, NONE, NONE, 0, 0);
  }

  ofGauge({ kind, proxy, cluster, host }: GaugeLabels): RowId {
    return this.ofEvent(kind satisfies GaugeKind, proxy, cluster, host);
  }

  kindOf(row: RowId): RowKind {
    return ROW_KINDS[this.#tuples.word(row, 0) & KIND_MASK]!;
  }

  /** Reported by the server-side proxy. */
  isAtDestination(row: RowId): boolean {
    const kind = this.kindOf(row);
    return kind === 'destination' || kind === 'tcpDestination';
  }

  protocolOf(row: RowId): RequestProtocol {
    return PROTOCOLS[(this.#tuples.word(row, 0) >>> PROTOCOL_SHIFT) & 3]!;
  }

  isMutualTls(row: RowId): boolean {
    return (this.#tuples.word(row, 0) & MUTUAL_TLS) !== 0;
  }

  /** The response code; of events their `detail`. */
  codeOf(row: RowId): number {
    return (this.#tuples.word(row, 0) >>> CODE_SHIFT) & 1023;
  }

  grpcStatusOf(row: RowId): number {
    return ((this.#tuples.word(row, 0) >>> GRPC_SHIFT) & MAX_GRPC) - 1;
  }

  /** The number of an attempt; how many attempts a request took. 0 for other rows. */
  attemptOf(row: RowId): number {
    return this.#tuples.word(row, 0) >>> ATTEMPT_SHIFT;
  }

  flagsOf(row: RowId): FlagSequence {
    return this.#tuples.word(row, 5) + this.#tuples.word(row, 6) * FLAG_WORD;
  }

  /** Undefined = none. A client's row: its client alone, see `requestRowOf` for the rest. */
  clientOf(row: RowId): ClientLabels | undefined {
    const kind = this.kindOf(row);
    if (kind !== 'client' && kind !== 'unfinished' && kind !== 'dropped') return undefined;
    return this.clients.of(this.#tuples.word(row, 1));
  }

  /** The id behind `clientOf`. */
  clientIdOf(row: RowId): number {
    return this.clientOf(row) === undefined ? NONE : this.#tuples.word(row, 1);
  }

  /** Where a client's first proxy counted the request; any other row is itself; NONE if there is none. */
  requestRowOf(row: RowId): RowId {
    const kind = this.kindOf(row);
    if (kind === 'client') return this.#tuples.word(row, 2);
    return kind === 'unfinished' || kind === 'dropped' ? NONE : row;
  }

  proxyOf(row: RowId): ProxyLabels | undefined {
    return this.#described(this.proxies, this.requestRowOf(row), 1);
  }

  routeOf(row: RowId): string | undefined {
    return this.#described(this.routes, this.requestRowOf(row), 2);
  }

  clusterOf(row: RowId): ClusterLabels | undefined {
    return this.#described(this.clusters, this.requestRowOf(row), 3);
  }

  hostOf(row: RowId): HostLabels | undefined {
    const requestRow = this.requestRowOf(row);
    if (requestRow === NONE || this.isAtDestination(requestRow)) return undefined;
    return this.#described(this.hosts, requestRow, 4);
  }

  /** The id behind `hostOf`. */
  hostIdOf(row: RowId): number {
    return this.hostOf(row) === undefined ? NONE : this.#tuples.word(this.requestRowOf(row), 4);
  }

  /** At the destination: the proxy that called. */
  peerOf(row: RowId): ProxyLabels | undefined {
    return this.isAtDestination(row) ? this.#described(this.proxies, row, 4) : undefined;
  }

  #described<D>(table: InternTable<D>, row: RowId, word: number): D | undefined {
    const id = row === NONE ? NONE : this.#tuples.word(row, word);
    assert(id >= NONE, 'an id is a place in its table, or NONE');
    return id === NONE ? undefined : table.of(id);
  }
}

/** Its place in `PROTOCOLS`; a search of the list would show in a profile. */
function protocolCode(protocol: RequestProtocol): number {
  return protocol === 'http' ? 0 : protocol === 'grpc' ? 1 : 2;
}

const SOURCE = ROW_KINDS.indexOf('source');
const DESTINATION = ROW_KINDS.indexOf('destination');
const TCP_SOURCE = ROW_KINDS.indexOf('tcpSource');
const TCP_DESTINATION = ROW_KINDS.indexOf('tcpDestination');
const CLIENT = ROW_KINDS.indexOf('client');
const ATTEMPT = ROW_KINDS.indexOf('attempt');
const KIND_MASK = 31;
const PROTOCOL_SHIFT = 5;
const MUTUAL_TLS = 1 << 7;
const CODE_SHIFT = 8;
const GRPC_SHIFT = 18;
const MAX_GRPC = 31;
const ATTEMPT_SHIFT = 23;
const MAX_ATTEMPT = 511;
const FLAG_WORD = 2 ** 30;
