import { describe, expect, it } from 'vitest';
import type { ExpectationOutcome, RunResult, TrafficResult } from '#scenario/run-result.ts';
import { Histogram } from '#telemetry/histogram.ts';
import { summaryText } from './summary-text.ts';
import { ASCII_GLYPHS, PLAIN_STYLE } from './text-style.ts';

/** A histogram with these percentiles, of a thousand values. */
function latencyOf(percentilesMs: Record<'p50' | 'p90' | 'p99' | 'p999', number>): Histogram {
  const histogram = new Histogram();
  const fill = (from: number, to: number, ms: number) => {
    for (let rank = from; rank < to; rank++) histogram.record(ms * 1e6);
  };
  fill(0, 500, percentilesMs.p50);
  fill(500, 900, percentilesMs.p90);
  fill(900, 990, percentilesMs.p99);
  fill(990, 1000, percentilesMs.p999);
  return histogram;
}

const shop: TrafficResult = {
  name: 'shop',
  requestCount: 6004,
  unfinishedCount: 0,
  droppedCount: 0,
  ratePerSecond: 50.03,
  successShare: 0.963,
  share4xx: 0,
  attemptsPerRequest: 1,
  latency: latencyOf({ p50: 14, p90: 41, p99: 181, p999: 402 }),
  responses: [],
};

const expectation: ExpectationOutcome = {
  name: 'share of v2',
  that: '…',
  is: '~10%',
  during: { fromNs: 0, toNs: 30e9 },
  at: { file: 'scenario.yaml', line: 40, column: 9, length: 5 },
  holds: true,
  dimension: 'share',
  value: 0.104,
  count: 1502,
  interval: { low: 0.084, high: 0.126 },
  remark: undefined,
  requests: [],
  requestCount: 1502,
  failures: [],
  blame: [],
};

const canary: RunResult = {
  scenario: 'scenario.yaml',
  title: 'canary-90-10',
  seed: 1,
  istioVersion: '1.27',
  digest: '5f2c9b1e83a4d07c',
  durationNs: 120e9,
  warmupNs: 0,
  stoppedAtNs: undefined,
  expectations: [
    expectation,
    {
      ...expectation,
      name: 'p99 latency of shop',
      is: '< 250ms',
      during: undefined,
      dimension: 'duration',
      value: 181e6,
      interval: undefined,
    },
    {
      ...expectation,
      name: 'success rate',
      is: '>= 99%',
      during: undefined,
      at: { file: 'scenario.yaml', line: 41, column: 9, length: 5 },
      holds: false,
      value: 0.963,
      interval: undefined,
      requestCount: 6004,
      failures: [
        { code: 503, flags: 'UO', count: 203, share: 0.034 },
        { code: 503, flags: 'UH', count: 19, share: 0.003 },
      ],
      blame: [
        {
          count: 203,
          code: 503,
          flags: 'UO',
          source: 'webapp',
          destination: 'catalog|v2',
          client: '',
          cause: {
            object: 'DestinationRule catalog',
            at: { file: 'manifests/canary.yaml', line: 31, column: 1, length: 1 },
            setting: 'http1MaxPendingRequests: 1',
          },
          behind: [
            {
              text: 'apply manifests/canary.yaml',
              at: { file: 'scenario.yaml', line: 24, column: 1, length: 1 },
              sinceNs: 30e9,
            },
          ],
          firstNs: 31e9,
          lastNs: 110e9,
        },
      ],
    },
  ],
  clients: [shop],
  edges: [{ ...shop, name: 'webapp→catalog', source: 'a/webapp', destination: 'a/catalog' }],
  workloads: [],
  splits: [
    {
      of: 'catalog',
      parts: [
        { name: 'catalog|v1', cluster: '…|v1|…', count: 5390, share: 0.898 },
        { name: 'catalog|v2', cluster: '…|v2|…', count: 614, share: 0.102 },
      ],
    },
  ],
  responses: [
    { code: 200, flags: '-', count: 5782, share: 0.963 },
    { code: 503, flags: 'UO', count: 203, share: 0.034 },
    { code: 503, flags: 'UH', count: 19, share: 0.003 },
  ],
  ejections: [
    {
      atNs: 61.2e9,
      host: '10.1.0.7:8080',
      pod: 'catalog-v2-1',
      cluster: '…|v2|…',
      proxy: 'webapp-1',
      detector: 'consecutive 5xx',
      count: 5,
      backNs: 100e9,
    },
  ],
  gauges: [],
  events: [],
  blame: [],
  coverage: [
    {
      kind: 'route',
      name: 'admin',
      at: { file: 'manifests/catalog.yaml', line: 18, column: 1, length: 1 },
      isExercised: false,
    },
    { kind: 'route', name: 'items', at: undefined, isExercised: true },
    { kind: 'outlierDetection', name: 'inventory', at: undefined, isExercised: false },
  ],
  notModelled: [],
  notes: [],
  series: undefined,
};

const compact = { style: PLAIN_STYLE, detail: 'compact', wallMs: 800 } as const;

describe('the summary of a run', () => {
  it('is laid out as the user documentation shows it', () => {
    expect(summaryText(canary, compact)).toBe(
      `canary-90-10 · seed 1 · 120s virtual in 0.8s · digest 5f2c9b1e83a4d07c

EXPECTATIONS  2 held, 1 failed
  ✓ share of v2 during 0s..30s     is ~10%          10.4%   (n=1502; 99% interval 8.4..12.6%)
  ✓ p99 latency of shop            is < 250ms       181ms
  ✗ success rate                   is >= 99%        96.3%   scenario.yaml:41
      222 of 6004 failed: 203 × 503 UO, 19 × 503 UH
      203 × 503 UO  at webapp → catalog|v2  DestinationRule catalog, manifests/canary.yaml:31  http1MaxPendingRequests: 1
          ↳ apply manifests/canary.yaml, at 30.0s, scenario.yaml:24

TRAFFIC            requests    rate     success   p50     p90     p99     p99.9   attempts/req
  shop             6004        50.0/s   96.3%     14ms    41ms    181ms   402ms   1.00
  webapp→catalog   6004        50.0/s   96.3%     14ms    41ms    181ms   402ms   1.00

RESPONSES      200 : 5782 (96.3%)    503 UO : 203 (3.4%)    503 UH : 19 (0.3%)
SPLIT          catalog|v1 : 5390 (89.8%)    catalog|v2 : 614 (10.2%)
EJECTIONS      61.2s  10.1.0.7:8080 (catalog-v2-1)  by webapp-1  consecutive 5xx (5)  back at 100.0s (38.8s)
NOT EXERCISED  route "admin" (manifests/catalog.yaml:18); outlierDetection of inventory
`,
    );
  });

  it('names the first rules of many that nothing met, and all of them in full', () => {
    const at = { file: 'mesh.yaml', line: 1, column: 1, length: 1 };
    const unmet = Array.from({ length: 25 }, (_, index) => ({
      kind: 'route' as const,
      name: `r${index}`,
      at,
      isExercised: false,
      count: 0,
    }));
    const many = { ...canary, coverage: unmet };
    const text = summaryText(many, compact);
    expect(text).toMatch(/route "r19" \(mesh\.yaml:1\);?\s+and 5 more \(--coverage names them\)\n/);
    expect(text).not.toContain('"r20"');
    expect(summaryText(many, { ...compact, detail: 'full' })).toContain('"r24"');
  });

  it('says nothing of real time when it is not given, and where a run was stopped', () => {
    const text = summaryText(
      { ...canary, stoppedAtNs: 61.25e9 },
      { ...compact, wallMs: undefined },
    );
    const [head] = text.split('\n');
    expect(head).toBe(
      'canary-90-10 · seed 1 · 120s virtual · stopped at t=61.3s · digest 5f2c9b1e83a4d07c',
    );
  });

  it('never shows a number where nothing was seen', () => {
    const silent: TrafficResult = {
      ...shop,
      requestCount: 0,
      ratePerSecond: 0,
      successShare: Number.NaN,
      share4xx: Number.NaN,
      attemptsPerRequest: Number.NaN,
      latency: new Histogram(),
    };
    const nothing = { ...expectation, holds: false, value: undefined, interval: undefined };
    const remark = 'nothing matched requests{subset="v3"}: subset is "v2"';
    const result = {
      ...canary,
      clients: [silent],
      edges: [],
      expectations: [{ ...nothing, remark }],
    };
    const lines = summaryText(result, compact).split('\n');
    expect(lines[3]).toBe(
      '  ✗ share of v2 during 0s..30s     is ~10%          –       scenario.yaml:40   (nothing matched requests{subset="v3"}: subset is "v2")',
    );
    expect(lines.find((line) => line.startsWith('  shop'))).toMatch(
      /^ {2}shop +0 +0\/s +– +– +– +– +– +–$/,
    );
  });

  it('says first what is not simulated', () => {
    const notModelled = [{ kind: 'EnvoyFilter', objects: ['istio-system/lua'] }];
    const [first] = summaryText({ ...canary, notModelled }, compact).split('\n');
    expect(first).toContain('not simulated');
    expect(first).toContain('EnvoyFilter (istio-system/lua)');
  });

  it('shows the share of 4xx only where there are any', () => {
    expect(summaryText(canary, compact)).not.toContain('4xx');
    const some = { ...shop, share4xx: 0.021 };
    expect(summaryText({ ...canary, clients: [some] }, compact)).toMatch(/success +4xx +p50/);
  });

  it('adds maximum, clients, workloads, load and events in full', () => {
    const full = summaryText(
      {
        ...canary,
        clients: [{ ...shop, responses: canary.responses }],
        gauges: [
          { kind: 'queue', proxy: '', cluster: '', pod: 'catalog-v2-1', mean: 0.25, max: 7 },
        ],
        events: [{ atNs: 30e9, kind: 'step', proxy: '', text: 'apply canary-50-50.yaml' }],
      },
      { ...compact, detail: 'full' },
    );
    expect(full).toMatch(/p99\.9 +max +attempts/);
    expect(full).toMatch(/CLIENTS +response +count +share\n {2}shop +200 +5782 +96\.3%/);
    expect(full).toMatch(/catalog-v2-1 +queue +0\.250 +7/);
    expect(full).toContain('apply canary-50-50.yaml');
  });

  it('is plain ASCII where it must be', () => {
    const style = { ...PLAIN_STYLE, glyphs: ASCII_GLYPHS };
    const slow = { ...expectation, is: '10% ± 2%', dimension: 'duration', value: 85_300 } as const;
    const silent = { ...shop, latency: new Histogram() };
    const result = { ...canary, expectations: [...canary.expectations, slow], clients: [silent] };
    const text = summaryText(result, { ...compact, style });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII is what is meant.
    expect(text).toMatch(/^[\x00-\x7f]*$/);
  });
});
