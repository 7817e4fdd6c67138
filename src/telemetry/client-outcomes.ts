import type { DigestedOutcome } from './digest.ts';
import type { ClientLabels } from './labels.ts';
import { type ClientId, type ClientRequest, type HostId, NONE, type RowId } from './recorder.ts';
import { type FlagSequence, flagBits } from './response-flags.ts';
import type { RowTable } from './row-table.ts';
import { setPlace } from './set-place.ts';

/** What follows from where a client's request was counted first, and from its code. */
export interface ClientOutcome extends DigestedOutcome {
  readonly client: ClientId;
  readonly code: number;
  readonly flags: FlagSequence;
  /** Of kind `client`. */
  readonly row: RowId;
  /** Of the first proxy; NONE where its row is not known. */
  readonly attempts: number;
}

/** Outcomes by the row of the first proxy: most requests of such a row end alike, so the last is kept. */
export class ClientOutcomes {
  readonly #rows: RowTable;
  readonly #hostHashOf: (host: HostId) => number;
  /** By row, one place on: NONE comes first. */
  readonly #last: (ClientOutcome | undefined)[] = [];
  /** Place of each client by name, once the first request is in. */
  #clientIndex: readonly number[] | undefined;

  constructor(rows: RowTable, hostHashOf: (host: HostId) => number) {
    this.#rows = rows;
    this.#hostHashOf = hostHashOf;
  }

  /** How many clients there may be; undefined = there was no request yet. */
  get clientCount(): number | undefined {
    return this.#clientIndex?.length;
  }

  of(request: ClientRequest): ClientOutcome {
    const last = this.#last[request.row + 1];
    const isLike =
      last !== undefined &&
      last.client === request.client &&
      last.code === request.code &&
      (request.row !== NONE || last.flags === request.flags);
    return isLike ? last : this.#make(request);
  }

  #make(request: ClientRequest): ClientOutcome {
    const { client, code, row: requestRow } = request;
    this.#clientIndex ??= placesByName(this.#rows.clients.all);
    const flags = requestRow === NONE ? request.flags : this.#rows.flagsOf(requestRow);
    const row = this.#rows.ofClientRequest(request, flags);
    const host = this.#rows.hostIdOf(row);
    const outcome: ClientOutcome = {
      client,
      code,
      flags,
      row,
      attempts: requestRow === NONE ? NONE : this.#rows.attemptOf(requestRow),
      clientIndex: this.#clientIndex[client]!,
      flagBits: flagBits(flags),
      hostHash: host === NONE ? 0 : this.#hostHashOf(host),
    };
    setPlace(this.#last, requestRow + 1, outcome);
    return outcome;
  }
}

/** By id, the place of each client when they are ordered by name. */
function placesByName(clients: readonly ClientLabels[]): readonly number[] {
  const names = clients.map(({ name }) => name).sort();
  return clients.map(({ name }) => names.indexOf(name));
}
