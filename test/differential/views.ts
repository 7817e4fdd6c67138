import type { Measures } from '#scenario/envoy-case/measure.ts';
import type { SubCase } from './generate.ts';

/** Something that is compared. */
export interface View {
  readonly name: string;
  seen(measures: Measures): unknown;
}

/** What of a sub-case must be the same: all that chance and the speed of the machine leave alone. */
export function viewsOf(it: SubCase): readonly View[] {
  const picks: readonly View[] = [
    { name: 'hosts tried', seen: (all) => at(all, 'sequence', 'tried') },
    { name: 'sent to hosts', seen: (all) => received(at(all, 'backend_headers')) },
  ];
  return [
    {
      name: 'status and flags',
      seen: (all) => at(all, 'named', it.name, 'sequence', 'status_flags'),
    },
    ...(it.picksAtRandom ? [] : picks),
    { name: 'outcomes', seen: (all) => at(all, 'by_name', it.name) },
    { name: 'access log', seen: (all) => lines(it, at(all, 'access_log')) },
    { name: 'stats', seen: (all) => comparable(it, at(all, 'stats')) },
  ];
}

function at(measures: Measures, ...path: readonly string[]): unknown {
  let value: unknown = measures;
  for (const step of path) {
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[step];
  }
  return value;
}

/** By the names of HTTP/1.1. */
function received(byHost: unknown): unknown {
  return Object.fromEntries(
    Object.entries(byHost as Readonly<Record<string, Readonly<Record<string, string>>>>).map(
      ([host, { ':authority': authority, ':path': _, ...headers }]) => [
        host,
        authority === undefined ? headers : { ...headers, host: authority },
      ],
    ),
  );
}

function lines(it: SubCase, all: unknown): unknown {
  const list = all as readonly string[];
  return it.picksAtRandom ? list.map((line) => line.replace(/127\.0\.0\.1:25\d+/g, 'HOST')) : list;
}

/** Not compared, by the end of its name. */
const INCOMPARABLE: readonly RegExp[] = [];
/** Of the connections that single requests one after the other need. */
const OF_CONNECTIONS = /_cx_/;

function comparable(it: SubCase, stats: unknown): Readonly<Record<string, number>> {
  const own = new RegExp(`^(cluster\\.${it.name}b?|http\\.ingress)\\.`);
  const isOfChance = it.picksAtRandom || it.load.kind === 'burst';
  return Object.fromEntries(
    Object.entries(stats as Readonly<Record<string, number>>).filter(
      ([name, value]) =>
        value !== 0 &&
        own.test(name) &&
        !(isOfChance && OF_CONNECTIONS.test(name)) &&
        !INCOMPARABLE.some((it) => it.test(name)),
    ),
  );
}
