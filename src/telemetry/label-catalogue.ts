import { UNKNOWN_WORKLOAD, type WorkloadLabels } from './labels.ts';
import { NONE, type RowId } from './recorder.ts';
import { flagsText } from './response-flags.ts';
import { OVERFLOW_LIMITS, type RowTable } from './row-table.ts';

/** What a label says, in one sentence, and how a row's value is found. */
export interface LabelDescription {
  readonly name: string;
  /** `istio`: of Istio's standard metrics. `meshsim`: ours, where Istio has none. */
  readonly origin: 'istio' | 'meshsim';
  readonly says: string;
  readonly read: (rows: RowTable, row: RowId) => string;
}

type Described = readonly [name: string, says: string, read: LabelDescription['read']];

/** As in a mesh, what is not known is called that. */
const known = (text: string | undefined) => (text === undefined || text === '' ? 'unknown' : text);

/** Who asks: the reporting proxy's workload, at the destination its peer's, of a client the client's. */
function sourceOf(rows: RowTable, row: RowId): WorkloadLabels {
  const client = rows.clientOf(row);
  if (client !== undefined) return client;
  const atDestination = rows.isAtDestination(row);
  return (atDestination ? rows.peerOf(row) : rows.proxyOf(row)) ?? UNKNOWN_WORKLOAD;
}

/** Who answers: the last host's workload; at the destination the reporting proxy's own. */
function destinationOf(rows: RowTable, row: RowId): WorkloadLabels {
  const requestRow = rows.requestRowOf(row);
  if (requestRow === NONE) return UNKNOWN_WORKLOAD;
  const atDestination = rows.isAtDestination(requestRow);
  const who = atDestination ? rows.proxyOf(requestRow) : rows.hostOf(requestRow);
  return who ?? UNKNOWN_WORKLOAD;
}

function workloadLabels(
  side: 'source' | 'destination',
  whose: (rows: RowTable, row: RowId) => WorkloadLabels,
): readonly Described[] {
  const label = (suffix: string, says: string, field: keyof WorkloadLabels): Described => [
    `${side}_${suffix}`,
    says,
    (rows, row) => known(whose(rows, row)[field]),
  ];
  const who = side === 'source' ? 'the caller' : 'the one that answered';
  return [
    label('workload', `Workload of ${who}.`, 'workload'),
    label('workload_namespace', `Namespace of ${who}.`, 'namespace'),
    label('principal', `SPIFFE identity of ${who}.`, 'principal'),
    label('app', `Label \`app\` of ${who}.`, 'app'),
    label('version', `Label \`version\` of ${who}.`, 'version'),
    label('cluster', `Cluster of the multi-cluster mesh of ${who}.`, 'cluster'),
    label('canonical_service', `Canonical service of ${who}.`, 'canonicalService'),
    label('canonical_revision', `Canonical revision of ${who}.`, 'canonicalRevision'),
  ];
}

/** @source istio: pilot/pkg/networking/telemetry, extensions/stats (the standard metrics' labels) */
const ISTIO_LABELS: readonly Described[] = [
  [
    'reporter',
    '`source`: reported by the client-side proxy or gateway; `destination`: by the server-side one.',
    (rows, row) => reporterOf(rows, row),
  ],
  ...workloadLabels('source', sourceOf),
  ...workloadLabels('destination', destinationOf),
  [
    'destination_service',
    'Host of the service the request was meant for.',
    (rows, row) => known(rows.clusterOf(row)?.service),
  ],
  [
    'destination_service_name',
    'Short name of that service; `PassthroughCluster` and `BlackHoleCluster` as in Istio.',
    (rows, row) => known(rows.clusterOf(row)?.serviceName),
  ],
  [
    'destination_service_namespace',
    'Namespace of that service.',
    (rows, row) => known(rows.clusterOf(row)?.serviceNamespace),
  ],
  ['request_protocol', '`http`, `grpc` or `tcp`.', (rows, row) => protocolOf(rows, row)],
  ['response_code', 'As sent to the caller; 0 = none.', (rows, row) => String(rows.codeOf(row))],
  [
    'grpc_response_status',
    'Number of the gRPC status; empty for other protocols.',
    (rows, row) => grpcStatusOf(rows, row),
  ],
  [
    'response_flags',
    "Envoy's response flags in the order they were set, `-` for none.",
    (rows, row) => flagsText(rows.flagsOf(row)),
  ],
  [
    'connection_security_policy',
    '`mutual_tls` or `none` at the destination; `unknown` at the source.',
    (rows, row) => securityOf(rows, row),
  ],
];

const OUR_LABELS: readonly Described[] = [
  [
    'client',
    'Name of the client in the scenario; empty for requests that a workload made.',
    (rows, row) => rows.clientOf(row)?.name ?? '',
  ],
  ['pod', 'Pod of the last host.', (rows, row) => destinationOf(rows, row).pod],
  ['subset', 'Subset that routing chose.', (rows, row) => rows.clusterOf(row)?.subset ?? ''],
  [
    'upstream_cluster',
    'Cluster that routing chose, whether or not a host was reached.',
    (rows, row) => rows.clusterOf(row)?.name ?? '',
  ],
  ['cluster', 'The same, by a shorter name.', (rows, row) => rows.clusterOf(row)?.name ?? ''],
  ['host', '`ip:port` of the last host.', (rows, row) => rows.hostOf(row)?.address ?? ''],
  ['route', 'Name of the route that matched.', (rows, row) => rows.routeOf(row) ?? ''],
  [
    'attempt',
    'Number of the attempt, from 1.',
    (rows, row) => (rows.kindOf(row) === 'attempt' ? String(rows.attemptOf(row)) : ''),
  ],
  ['proxy', 'Name of the reporting proxy.', (rows, row) => rows.proxyOf(row)?.name ?? ''],
  [
    'limit',
    'The limit that overflowed: `requests`, `pending`, `connections`, `retries`, `connection_pools`.',
    (rows, row) => (rows.kindOf(row) === 'overflow' ? OVERFLOW_LIMITS[rows.codeOf(row)]! : ''),
  ],
];

/** Attempts, overflows and gauges of a server-side proxy are those towards its own application. */
function reporterOf(rows: RowTable, row: RowId): string {
  const isInbound = rows.clusterOf(row)?.name.startsWith('inbound|') === true;
  return rows.isAtDestination(row) || isInbound ? 'destination' : 'source';
}

function protocolOf(rows: RowTable, row: RowId): string {
  const requestRow = rows.requestRowOf(row);
  return requestRow === NONE ? 'http' : rows.protocolOf(requestRow);
}

function grpcStatusOf(rows: RowTable, row: RowId): string {
  const requestRow = rows.requestRowOf(row);
  const status = requestRow === NONE ? -1 : rows.grpcStatusOf(requestRow);
  return status < 0 ? '' : String(status);
}

function securityOf(rows: RowTable, row: RowId): string {
  if (!rows.isAtDestination(row)) return 'unknown';
  return rows.isMutualTls(row) ? 'mutual_tls' : 'none';
}

/** Every label that a selector may name. `docs/reference` prints it. */
export const LABEL_CATALOGUE: ReadonlyMap<string, LabelDescription> = new Map(
  (
    [
      ['istio', ISTIO_LABELS],
      ['meshsim', OUR_LABELS],
    ] as const
  ).flatMap(([origin, labels]) =>
    labels.map(([name, says, read]) => [name, { name, origin, says, read }] as const),
  ),
);

/** A row's value of a label; '' if there is no such label, as in PromQL. */
export function labelOf(rows: RowTable, row: RowId, label: string): string {
  return LABEL_CATALOGUE.get(label)?.read(rows, row) ?? '';
}
