import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN_WORKLOAD } from '../labels.ts';
import { ClientRequest, NONE, ProxyRequest } from '../recorder.ts';
import { parseFlags } from '../response-flags.ts';
import { RunRecorder } from '../run-recorder.ts';
import { compileExpectation, type ExpectationRequest } from './expectation.ts';

interface Sent {
  readonly version?: 'v1' | 'v2';
  readonly startNs?: number;
  readonly durationNs?: number;
  readonly code?: number;
  readonly flags?: string;
}

const TIMES = { warmupNs: 0, durationNs: 10e9 };

function request(that: string, is: string, more: Partial<ExpectationRequest> = {}) {
  const at = (line: number, text: string) => ({
    file: 's.yaml',
    line,
    column: 11,
    length: text.length + 2,
  });
  return {
    that: { text: that, at: at(7, that) },
    is: { text: is, at: at(8, is) },
    during: undefined,
    name: undefined,
    isAborting: false,
    mayBeEmpty: false,
    ...more,
  };
}

/** The result of an expectation over requests of the client `shop` through webapp's proxy to catalog. */
function judged(sent: readonly Sent[], expectation: ExpectationRequest) {
  const compiled = compileExpectation(expectation, TIMES);
  if ('diagnostics' in compiled) throw new Error(JSON.stringify(compiled.diagnostics));
  const recorder = new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined });
  const attached = compiled.expectation.attach(recorder);
  const client = recorder.internClient({ ...UNKNOWN_WORKLOAD, name: 'shop' });
  const proxy = recorder.internProxy({ ...UNKNOWN_WORKLOAD, name: 'webapp-1', workload: 'webapp' });
  sent.forEach((each, index) => {
    const { version = 'v1', startNs = index, durationNs = 1e6, code = 200, flags = '-' } = each;
    const proxied = new ProxyRequest();
    const fields = { proxy, code, startNs, endNs: startNs + durationNs, flags: parseFlags(flags)! };
    Object.assign(proxied, fields, {
      cluster: recorder.internCluster({
        name: `outbound|80|${version}|catalog`,
        subset: version,
        service: 'catalog',
        serviceName: 'catalog',
        serviceNamespace: 'default',
      }),
      host: recorder.internHost({
        ...UNKNOWN_WORKLOAD,
        address: `10.1.0.${version}`,
        workload: `catalog-${version}`,
        version,
      }),
    });
    const row = recorder.proxyRequest(proxied);
    const own = new ClientRequest();
    const times = { intendedNs: startNs, endNs: startNs + 2 * durationNs };
    Object.assign(own, times, { client, number: index + 1, code, row, attempts: 1 });
    recorder.clientRequest(own);
  });
  return { ...attached.result(10e9), attached, recorder };
}

const many = (count: number, sent: Sent) => Array.from({ length: count }, () => sent);
const canary = [...many(90, { version: 'v1' }), ...many(10, { version: 'v2' })];

describe('an expectation', () => {
  it('compares a share of requests by label with a percentage', () => {
    const share =
      'requests{destination_version="v2"} / requests{destination_workload=~"catalog.*"}';
    expect(judged(canary, request(share, '10%'))).toMatchObject({
      holds: true,
      value: 0.1,
      count: 100,
    });
    expect(judged(canary, request(share, '> 10%')).holds).toBe(false);
    expect(judged(canary, request(share, '5..12%')).holds).toBe(true);
    expect(judged(canary, request('share(requests{subset="v2"} of requests)', '0.1')).holds).toBe(
      true,
    );
  });

  it('anchors regular expressions, and reads them as RE2', () => {
    const count = (matcher: string) =>
      judged(canary, request(`requests{${matcher}}`, '>= 0', { mayBeEmpty: true })).count;
    expect(count('destination_workload=~"catalog"')).toBe(0);
    expect(count('destination_workload=~"catalog-v(1|2)"')).toBe(100);
    expect(count('destination_workload!~".*v1"')).toBe(10);
    expect(count('destination_version!="v1", client=""')).toBe(10);
  });

  it('measures latency at the proxy, and with `client` from the intended send time', () => {
    const sent = Array.from({ length: 100 }, (_, index) => ({ durationNs: (index + 1) * 1e6 }));
    expect(judged(sent, request('p99(latency)', '< 99.1ms'))).toMatchObject({
      holds: true,
      count: 100,
    });
    expect(judged(sent, request('p50(latency{client="shop"})', '100ms ± 0.1ms')).holds).toBe(true);
    expect(judged(sent, request('max(latency{client="shop"})', '== 200ms')).holds).toBe(true);
    expect(judged(sent, request('mean(latency)', '50.5ms')).value).toBe(50.5e6);
  });

  it('holds ~X when X lies in the exact 99 % interval, and gives interval and n', () => {
    const share = 'requests{destination_version="v2"} / requests';
    const result = judged(canary, request(share, '~15%'));
    expect(result).toMatchObject({ holds: true, count: 100 });
    expect(result.interval!.low).toBeCloseTo(0.038, 2);
    expect(result.interval!.high).toBeCloseTo(0.202, 2);
    expect(judged(canary, request(share, '~25%')).holds).toBe(false);
    expect(judged(canary, request('requests{subset="v2"}', '~ 12')).holds).toBe(true);
    expect(judged(canary, request('mean(latency)', '~ 1ms')).holds).toBe(true);
    expect(judged(many(3, {}), request('mean(latency)', '~ 1ms'))).toMatchObject({
      holds: false,
      remark: 'too few values for an interval',
    });
  });

  it('warns when n is too small for a plain tolerance, and says which it takes', () => {
    const result = judged(canary, request('requests{subset="v2"} / requests', '10% +- 2%'));
    expect(result).toMatchObject({
      holds: true,
      remark: 'n=100 is too small to tell: it takes 1493',
    });
  });

  it('looks at its window alone: from inclusive, to exclusive', () => {
    const sent = [999, 1000, 1999, 2000].map((startNs) => ({ startNs }));
    const during = { fromNs: 1000, toNs: 2000 };
    expect(judged(sent, request('count(requests)', '== 2', { during })).holds).toBe(true);
  });

  it('counts a rate over the seconds of its window', () => {
    const during = { fromNs: 0, toNs: 5e9 };
    expect(judged(canary, request('rate(requests)', '== 10/s')).value).toBe(10);
    expect(judged(canary, request('rate(requests)', '1200/m', { during })).holds).toBe(true);
  });

  it('adds, subtracts, multiplies and divides with the usual precedence', () => {
    const value = (that: string) => judged(canary, request(that, '>= 0')).value;
    expect(value('requests + requests * 2 - 100 / 4')).toBe(275);
    expect(value('(requests{subset="v1"} + requests{subset="v2"}) / requests')).toBe(1);
    expect(value('1 - requests{subset="v2"} / requests')).toBeCloseTo(0.9, 12);
  });

  it('takes zero for an answer where only the outcome was never seen', () => {
    const expectation = request('requests{response_flags="UT"} / requests', '< 1%');
    expect(judged(canary, expectation)).toMatchObject({ holds: true, value: 0, count: 100 });
    expect(judged(canary, request('count(ejections{cluster=~".*catalog"})', '== 0')).holds).toBe(
      true,
    );
    expect(judged(canary, request('ejections', '0')).holds).toBe(true);
  });

  it('fails when its selector matched nothing, and names the closest values', () => {
    const typo = 'requests{destination_version="v3"} / requests';
    const result = judged(canary, request(typo, '< 50%'));
    expect(result).toMatchObject({ holds: false, value: undefined });
    expect(result.remark).toBe(
      'nothing matched requests{destination_version="v3"}: destination_version is "v1", "v2"',
    );
    expect(judged(canary, request(typo, '< 50%', { mayBeEmpty: true })).holds).toBe(true);
    expect(judged(canary, request('ejections{cluster="catalgo"}', '0')).remark).toContain(
      '"outbound|80|v1|catalog"',
    );
    expect(judged([], request('requests', '== 0')).holds).toBe(false);
  });

  it('gives the requests it is about, however they ended, row by row and within its window', () => {
    const sent = [...canary, { code: 503, flags: 'UO' }, { code: 503, flags: 'UO', startNs: 9e9 }];
    const during = { fromNs: 0, toNs: 5e9 };
    const success = 'requests{client="shop", response_code!~"5.."} / requests{client="shop"}';
    const { requests, recorder } = judged(sent, request(success, '> 99%', { during }));
    const outcomes = requests!.map(({ row, count }) => [recorder.rows.codeOf(row), count]);
    expect(outcomes).toEqual([
      [200, 90],
      [200, 10],
      [503, 1],
    ]);
    expect(judged(canary, request('pushes', '0')).requests).toBeUndefined();
  });

  it('fails when nothing happened in its window', () => {
    const during = { fromNs: 5e9, toNs: 6e9 };
    const result = judged(canary, request('p99(latency)', '< 1s', { during }));
    expect(result).toMatchObject({ holds: false, remark: 'nothing was seen in this time' });
  });

  it('is hopeless as soon as a growing value has left its bound', () => {
    const isHopeless = (that: string, is: string) =>
      judged(canary, request(that, is)).attached.isHopeless(1e9);
    expect(isHopeless('requests', '< 100')).toBe(true);
    expect(isHopeless('requests', '<= 100')).toBe(false);
    expect(isHopeless('max(latency)', '< 1ms')).toBe(true);
    expect(isHopeless('p99(latency)', '< 1ms')).toBe(false);
    expect(isHopeless('requests{subset="v2"} / requests', '< 1%')).toBe(false);
  });

  it('measures gauges by their mean and maximum', () => {
    const compiled = compileExpectation(request('max(inflight{proxy="webapp-1"})', '<= 3'), TIMES);
    if ('diagnostics' in compiled) throw new Error('it does not compile');
    const recorder = new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined });
    const attached = compiled.expectation.attach(recorder);
    const proxy = recorder.internProxy({ ...UNKNOWN_WORKLOAD, name: 'webapp-1' });
    const gauge = recorder.internGauge({ kind: 'inflight', proxy, cluster: NONE, host: NONE });
    recorder.setGauge(gauge, 3, 1e9);
    expect(attached.result(10e9)).toMatchObject({ holds: true, value: 3 });
    recorder.setGauge(gauge, 4, 2e9);
    expect(attached.isHopeless(3e9)).toBe(true);
  });

  it('means the client side of attempts and gauges, unless a cluster or reporter is asked for', () => {
    const value = (that: string) => {
      const compiled = compileExpectation(request(that, '>= 0'), TIMES);
      if ('diagnostics' in compiled) throw new Error('it does not compile');
      const recorder = new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined });
      const attached = compiled.expectation.attach(recorder);
      ['outbound|80||catalog', 'inbound|8080||'].forEach((name, index) => {
        const proxy = recorder.internProxy({ ...UNKNOWN_WORKLOAD, name });
        const service = { subset: '', service: '', serviceName: '', serviceNamespace: '' };
        const cluster = recorder.internCluster({ name, ...service });
        const gauge = recorder.internGauge({ kind: 'inflight', proxy, cluster, host: NONE });
        recorder.setGauge(gauge, 10 ** index, 0);
      });
      return attached.result(10e9).value;
    };
    expect(value('max(inflight)')).toBe(1);
    expect(value('max(inflight{reporter="destination"})')).toBe(10);
    expect(value('max(inflight{cluster=~".*"})')).toBe(11);
  });
});

describe('a mistake in an expectation', () => {
  const mistake = (that: string, is = '> 0') => {
    const compiled = compileExpectation(request(that, is), TIMES);
    if (!('diagnostics' in compiled)) throw new Error('no mistake was found');
    const [{ code, message, hint, at }] = compiled.diagnostics as [
      (typeof compiled.diagnostics)[0],
    ];
    return `${at!.line}:${at!.column}+${at!.length} ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`;
  };

  it.each([
    ['request', '> 0', '7:12+7 MS0301 there is no metric "request" (did you mean "requests"?)'],
    ['p99(latency', '> 0', '7:23+1 MS0300 expected ")", found the end'],
    ['requests{version="v1"}', '> 0', '7:21+7 MS0302 no metric has a label "version"'],
    [
      'requests{destination_verion="v1"}',
      '> 0',
      '7:21+18 MS0302 no metric has a label "destination_verion" (did you mean "destination_version"?)',
    ],
    ['requests{subset=~"("}', '> 0', /7:29\+3 MS0303 "\(" is no regular expression: .*/],
    ['requests{subset="v1}', '> 0', '7:28+4 MS0300 a quote is not closed'],
    [
      'latency',
      '> 0',
      '7:12+7 MS0304 latency is durations: ask for one number (p99(…), mean(…), max(…))',
    ],
    ['mean(requests)', '> 0', '7:17+8 MS0304 mean is of latency or a gauge'],
    ['p99(inflight)', '> 0', '7:12+13 MS0304 of a gauge there are mean and max'],
    ['requests + mean(latency)', '> 0', '7:12+24 MS0304 a count plus a duration has no meaning'],
    [
      'avg(latency)',
      '> 0',
      '7:12+3 MS0301 there is no function "avg" (one of p50, p90, p99, p999, mean, max, count, rate, share)',
    ],
    ['share(requests, requests)', '> 0', '7:26+1 MS0300 expected "of": share(A of B), found ","'],
    ['requests requests', '> 0', '7:21+8 MS0300 expected an operator or the end, found "requests"'],
    ['requests', '> 5ms', '8:12+5 MS0306 "5ms": a count is compared with a plain number'],
    [
      'p99(latency)',
      '< 250',
      '8:12+5 MS0306 "250": a duration is compared with a duration such as 250ms',
    ],
    [
      'requests',
      'many',
      '8:12+4 MS0305 "many" is no comparison (< X, <= X, > X, >= X, == X, A..B, X ± Y or ~X)',
    ],
    ['requests', '9..5', '8:12+4 MS0305 9..5 is empty: the lower end comes first'],
    ['p99(latency)', '~5ms', '8:12+4 MS0307 ~ compares shares of counts, counts and means only'],
  ])('%s is %s', (that, is, expected) => {
    if (typeof expected === 'string') expect(mistake(that, is)).toBe(expected);
    else expect(mistake(that, is)).toMatch(expected);
  });

  it('is never a crash, whatever the texts', () => {
    const piece = fc.constantFrom(
      'requests',
      'latency',
      'p99(',
      'share(',
      ' of ',
      '{',
      '}',
      'subset',
      '=~',
      '=',
      '"v1"',
      '"("',
      ')',
      '+',
      '/',
      '2',
      '%',
      '~',
      '..',
      '±',
      '5ms',
      '<',
      'queue',
      '\\',
    );
    const text = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(text, text, (that, is) => {
        const compiled = compileExpectation(request(that, is), TIMES);
        if ('diagnostics' in compiled) expect(compiled.diagnostics.length).toBeGreaterThan(0);
        else
          compiled.expectation
            .attach(new RunRecorder({ seed: 1, warmupNs: 0, trace: undefined }))
            .result(1e9);
      }),
      { seed: 4, numRuns: 3000 },
    );
  });
});
