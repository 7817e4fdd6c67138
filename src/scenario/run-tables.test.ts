import { describe, expect, it } from 'vitest';
import { UNKNOWN_WORKLOAD } from '#telemetry/labels.ts';
import { ClientRequest, NONE, ProxyRequest } from '#telemetry/recorder.ts';
import { parseFlags } from '#telemetry/response-flags.ts';
import { RunRecorder } from '#telemetry/run-recorder.ts';
import { RunBlame } from './run-blame.ts';
import { RunTables } from './run-tables.ts';

interface Sent {
  readonly from?: string;
  /** `service` or `service|subset`; '' = no route matched. */
  readonly to?: string;
  readonly route?: string;
  readonly code?: number;
  readonly flags?: string;
  readonly protocol?: 'http' | 'tcp';
  readonly attempts?: number;
  readonly client?: string;
  /** The workload that answered. */
  readonly host?: string;
}

/** The tables of these requests, all within ten seconds. */
function tablesOf(sent: readonly Sent[], clients: readonly string[] = ['shop']) {
  const recorder = new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined });
  const clientIds = new Map(
    clients.map((name) => [name, recorder.internClient({ ...UNKNOWN_WORKLOAD, name })]),
  );
  sent.forEach((each, index) => {
    const { from = 'webapp', to = 'catalog', route = '', code = 200, flags = '-' } = each;
    const { protocol = 'http', attempts = 1, client, host } = each;
    const [service = '', subset = ''] = to.split('|');
    const workload = { ...UNKNOWN_WORKLOAD, workload: from, namespace: 'a' };
    const cluster = {
      name: `outbound|80|${subset}|${service}.a.svc.cluster.local`,
      subset,
      service: `${service}.a.svc.cluster.local`,
      serviceName: service,
      serviceNamespace: 'a',
    };
    const row = recorder.proxyRequest(
      Object.assign(new ProxyRequest(), {
        proxy: recorder.internProxy({ ...workload, name: `${from}-1` }),
        cluster: to === '' ? NONE : recorder.internCluster(cluster),
        route: recorder.internRoute(route),
        host: host === undefined ? NONE : recorder.internHost(hostOf(host)),
        code,
        flags: parseFlags(flags),
        protocol,
        attempts,
        startNs: index,
        endNs: index + 1e6,
      }),
    );
    if (client === undefined) return;
    const own = { client: clientIds.get(client), number: index + 1, code, row };
    const times = { intendedNs: index, endNs: index + 2e6 };
    recorder.clientRequest(Object.assign(new ClientRequest(), own, times));
  });
  return { recorder, tables: new RunTables(recorder, 10e9) };
}

const hostOf = (workload: string) => ({
  ...UNKNOWN_WORKLOAD,
  workload,
  namespace: 'a',
  address: '10.0.0.1:80',
  pod: `${workload}-1`,
});

const times = (count: number, sent: Sent) => Array.from({ length: count }, () => sent);

describe('the tables of a run', () => {
  it('have a row for each client, the silent ones too, with what is unfinished', () => {
    const sent = [...times(8, { client: 'shop' }), ...times(2, { client: 'shop', code: 503 })];
    const { recorder, tables } = tablesOf(sent, ['shop', 'admin']);
    recorder.unfinished(0, 11, 5e9);
    const [admin, shop] = tables.clients();
    expect(shop).toMatchObject({
      name: 'shop',
      requestCount: 10,
      unfinishedCount: 1,
      ratePerSecond: 1,
      successShare: 0.8,
      attemptsPerRequest: 1,
    });
    expect(admin).toMatchObject({ name: 'admin', requestCount: 0, successShare: Number.NaN });
  });

  it('take the attempts of a client’s requests from its first proxy', () => {
    const { tables } = tablesOf([{ client: 'shop', attempts: 3 }, { client: 'shop' }]);
    expect(tables.clients()[0]!.attemptsPerRequest).toBe(2);
  });

  it('have edges by source and destination, with TCP connections that failed by their flags', () => {
    const { tables } = tablesOf([
      { from: 'webapp', to: 'catalog' },
      { from: 'api', to: 'db', protocol: 'tcp', code: 0 },
      { from: 'api', to: 'db', protocol: 'tcp', code: 0, flags: 'UF,URX' },
      { from: 'webapp', to: '', code: 404, flags: 'NR' },
    ]);
    const edges = tables.edges().map(({ name, requestCount, successShare, share4xx }) => {
      return [name, requestCount, successShare, share4xx];
    });
    expect(edges).toEqual([
      ['api→db', 2, 0.5, 0],
      ['webapp→catalog', 1, 1, 0],
      ['webapp→unknown', 1, 1, 1],
    ]);
  });

  it('split by the subset that routing chose, requests that reached nobody included', () => {
    const { tables } = tablesOf([
      ...times(9, { to: 'catalog|v1' }),
      { to: 'catalog|v2', code: 503, flags: 'UO' },
      { to: 'inventory' },
    ]);
    const splits = tables
      .splits()
      .map(({ of, parts }) => [of, parts.map(({ name, count, share }) => [name, count, share])]);
    // Inventory has one cluster and no subsets: nothing was split.
    expect(splits).toEqual([
      [
        'catalog',
        [
          ['catalog|v1', 9, 0.9],
          ['catalog|v2', 1, 0.1],
        ],
      ],
    ]);
  });

  it('split by route where its weights go to several services', () => {
    const { tables } = tablesOf([
      ...times(3, { to: 'reviews-blue', route: 'canary' }),
      { to: 'reviews-green', route: 'canary' },
      { to: 'reviews-green', route: 'default' },
    ]);
    expect(tables.splits()).toMatchObject([
      { of: 'canary', parts: [{ share: 0.75 }, { name: 'reviews-green', count: 1 }] },
    ]);
  });

  it('count answers as the clients saw them, most frequent first', () => {
    const { tables } = tablesOf([
      { client: 'shop', code: 503, flags: 'UO' },
      ...times(3, { client: 'shop' }),
      { code: 500 },
    ]);
    expect(tables.responses()).toEqual([
      { code: 200, flags: '-', count: 3, share: 0.75 },
      { code: 503, flags: 'UO', count: 1, share: 0.25 },
    ]);
  });

  it('blame the proxy that set the flags, and ask what its rule is', () => {
    const asked: unknown[] = [];
    const explain = (failure: unknown) => {
      asked.push(failure);
      return { object: 'DestinationRule catalog', at: undefined, setting: 'maxRequests: 1' };
    };
    const { recorder } = tablesOf([
      ...times(3, { to: 'catalog|v2', code: 503, flags: 'UO', route: 'canary' }),
      { code: 404, to: 'catalog' },
    ]);
    const behind = [{ text: 'errors', at: undefined, sinceNs: 1e9 }];
    const blame = new RunBlame(recorder, { rule: explain, behind: () => behind });
    expect(blame.all()).toMatchObject([
      { count: 3, code: 503, flags: 'UO', source: 'webapp', destination: 'catalog|v2', behind },
    ]);
    expect(asked).toEqual([
      {
        code: 503,
        flags: 'UO',
        proxy: 'webapp-1',
        cluster: 'outbound|80|v2|catalog.a.svc.cluster.local',
        route: 'canary',
      },
    ]);
  });

  it('follow a failure that an application only passes on to where it began', () => {
    const { recorder } = tablesOf([
      ...times(2, { from: 'webapp', to: 'catalog', host: 'catalog', code: 503 }),
      ...times(2, { from: 'catalog', to: 'stock', code: 503, flags: 'UF' }),
    ]);
    const rule = ({ cluster }: { readonly cluster: string }) => {
      return { object: cluster, at: undefined, setting: '' };
    };
    const blame = new RunBlame(recorder, { rule, behind: () => [] });
    expect(blame.all().map(({ source, flags }) => [source, flags])).toEqual([['catalog', 'UF']]);
    const rows = [...recorder.rowsOf('source')].map((row) => ({ row, count: 1 }));
    expect(blame.of(rows.slice(0, 1))).toMatchObject([
      {
        source: 'webapp',
        cause: { object: 'outbound|80||stock.a.svc.cluster.local' },
        behind: [{ text: 'catalog was answered 503 UF by stock' }],
      },
    ]);
  });

  it('show gauges that were ever above zero', () => {
    const { recorder, tables } = tablesOf([{}]);
    const gauge = (kind: 'inflight' | 'pending') =>
      recorder.internGauge({ kind, proxy: 0, cluster: 0, host: NONE });
    recorder.setGauge(gauge('inflight'), 4, 5e9);
    recorder.setGauge(gauge('pending'), 0, 5e9);
    expect(tables.gauges(10e9)).toMatchObject([
      { kind: 'inflight', proxy: 'webapp-1', mean: 2, max: 4 },
    ]);
  });
});
