import { canonical } from '#scenario/envoy-case/judge.ts';
import type { Measures } from '#scenario/envoy-case/measure.ts';
import type { SubCase } from './generate.ts';

/** Something that is compared. */
export interface View {
  readonly name: string;
  seen(measures: Measures): unknown;
}

/** What of a sub-case must be the same: all that chance and the speed of the machine leave alone. */
export function viewsOf(it: SubCase): readonly View[] {
  if (it.tcp !== undefined) return tcpViewsOf(it);
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
    { name: 'outcomes', seen: (all) => inOrder(at(all, 'by_name', it.name)) },
    { name: 'access log', seen: (all) => lines(it, at(all, 'access_log')) },
    {
      name: 'ejections',
      seen: (all) => at(all, 'outlier', it.picksAtRandom ? 'order_unlabelled' : 'order'),
    },
    { name: 'stats', seen: (all) => comparable(it, at(all, 'stats')) },
  ];
}

/** Outcomes that came equally often stand in the order of their headers. */
function inOrder(outcomes: unknown): unknown {
  return [...(outcomes as readonly unknown[])].map(canonical).sort();
}

/** Of sessions no request is logged: what the clients got, and from whom. */
function tcpViewsOf(it: SubCase): readonly View[] {
  const picks: readonly View[] = [
    { name: 'hosts', seen: (all) => at(all, 'named', it.name, 'sequence', 'endpoint') },
    { name: 'sent to hosts', seen: (all) => at(all, 'backend_headers') },
    { name: 'connections', seen: (all) => at(all, 'connections') },
  ];
  return [
    { name: 'status', seen: (all) => at(all, 'named', it.name, 'sequence', 'status_flags') },
    ...(it.picksAtRandom ? [] : picks),
    { name: 'lost', seen: (all) => sum(at(all, 'client_errors')) },
    {
      name: 'ejections',
      seen: (all) => at(all, 'outlier', it.picksAtRandom ? 'order_unlabelled' : 'order'),
    },
    { name: 'stats', seen: (all) => comparable(it, at(all, 'stats')) },
  ];
}

/** Of counts: whether a reset or an end of file tells a client is up to the machine. */
function sum(counts: unknown): number {
  return Object.values(counts as Readonly<Record<string, number>>).reduce((a, b) => a + b, 0);
}

function at(measures: Measures, ...path: readonly string[]): unknown {
  let value: unknown = measures;
  for (const step of path) {
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[step];
  }
  return value;
}

type Headers = Readonly<Record<string, string>>;

function received(byHost: unknown): unknown {
  return Object.fromEntries(
    Object.entries(byHost as Readonly<Record<string, Headers>>).map(([host, headers]) => [
      host,
      comparableHeaders(headers),
    ]),
  );
}

/** By the names of HTTP/1.1, without what depends on the machine. */
function comparableHeaders({ ':authority': authority, ':path': _, ...all }: Headers): Headers {
  const headers: Record<string, string> = { ...all };
  if (authority !== undefined) headers['host'] = authority;
  // Of a retry it is what is left of the timeout.
  if (headers['x-envoy-attempt-count'] !== '1') delete headers['x-envoy-expected-rq-timeout-ms'];
  // The proxy's own address stands in copies.
  if (headers['host']?.endsWith('-shadow')) delete headers['x-forwarded-for'];
  return headers;
}

function lines(it: SubCase, all: unknown): unknown {
  const list = all as readonly string[];
  return it.picksAtRandom ? list.map((line) => line.replace(/127\.0\.0\.1:25\d+/g, 'HOST')) : list;
}

/** Not compared. */
const INCOMPARABLE: readonly RegExp[] = [
  /_bytes_(total|buffered)$/, // Of the wire.
  /\.http[12]\.|_cx_close_notify$/, // Of the codec.
  /\.(default\.total_match_count|version|update_\w+|assignment_\w+)$/, // Of transport sockets, of xDS.
  /\.(max_host_weight|lb_subsets_(active|created|removed))$/, // Each thread has its own balancers.
  /\.(ring_hash|maglev)_lb\./, // Made with the first request here.
  /_cx_protocol_error$/, // What the test's HTTP/2 backends send when a connection goes.
  /\.http_local_rate_limit\.|\.tracing\./,
];
/** Of the connections that single requests one after the other need. */
const OF_CONNECTIONS = /_cx_|_rq_pending_total$/;

/** How many copies are under way at once hangs on the pace of the requests. */
function isOfCopies(it: SubCase, name: string): boolean {
  return it.action['request_mirror_policies'] !== undefined && name.includes(`.${it.name}b.`);
}

/** A host that ends a TCP session, a lost one: they are the same here. */
const OF_WHO_CLOSED = /_cx_destroy_(local|remote)/;

function endsSessions(it: SubCase): boolean {
  return it.tcp !== undefined && JSON.stringify([it.hosts, it.otherHosts]).includes('"close"');
}

function comparable(it: SubCase, stats: unknown): Readonly<Record<string, number>> {
  const own = new RegExp(`^(cluster\\.${it.name}b?|(http|tcp)\\.ingress)\\.`);
  const isOfChance = it.picksAtRandom || (it.load.kind === 'burst' && it.tcp === undefined);
  return Object.fromEntries(
    Object.entries(stats as Readonly<Record<string, number>>).filter(
      ([name, value]) =>
        value !== 0 &&
        own.test(name) &&
        !((isOfChance || isOfCopies(it, name)) && OF_CONNECTIONS.test(name)) &&
        !(it.picksAtRandom && name.endsWith('_rq_pending_total')) &&
        !(endsSessions(it) && OF_WHO_CLOSED.test(name)) &&
        !INCOMPARABLE.some((it) => it.test(name)),
    ),
  );
}
