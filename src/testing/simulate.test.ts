import { describe, expect, it } from 'vitest';
import { simulate as simulateInBrowser } from './browser.ts';
import { simulate } from './node.ts';
import { scenario } from './scenario-builder.ts';
import type { KubernetesObject } from './scenario-object.ts';

const deployment = (name: string, version: string): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: `${name}-${version}` },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name, version } },
    template: { metadata: { labels: { app: name, version } } },
  },
});
const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'catalog' },
  spec: { selector: { app: 'catalog' }, ports: [{ name: 'http', port: 80 }] },
};
const canary = scenario('canary')
  .mesh(service, deployment('catalog', 'v1'), deployment('catalog', 'v2'), deployment('shop', 'v1'))
  .mesh(
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'catalog' },
      spec: {
        host: 'catalog',
        subsets: [
          { name: 'v1', labels: { version: 'v1' } },
          { name: 'v2', labels: { version: 'v2' } },
        ],
      },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: { name: 'catalog' },
      spec: {
        hosts: ['catalog'],
        http: [
          {
            route: [
              { destination: { host: 'catalog', subset: 'v1' }, weight: 90 },
              { destination: { host: 'catalog', subset: 'v2' }, weight: 10 },
            ],
          },
        ],
      },
    },
  )
  .workload('catalog-v1', { latency: '10ms' })
  .workload('catalog-v2', { latency: '20ms' })
  .client('shop', { from: 'shop-v1', request: 'GET http://catalog/', load: { rate: '50/s' } })
  .with({ duration: '20s' })
  .expect('p99(latency{client="shop"})', '< 1s');

describe('simulate', () => {
  it('runs a scenario that is written in TypeScript, on no files at all', () => {
    const simulation = simulate(canary);
    expect(simulation.holds).toBe(true);
    expect(simulation.result.title).toBe('canary');
    expect(simulation.result.clients[0]?.requestCount).toBeGreaterThan(900);
    expect(simulation.text).toContain('EXPECTATIONS  1 held');
    expect(simulation.toJSON()).toMatchObject({ schema: 'meshsim/summary/v1' });
  });

  it('gives the browser the same run', () => {
    expect(simulateInBrowser(canary).digest).toBe(simulate(canary).digest);
  });

  it('gives the same run for the same seed, another for another', () => {
    expect(simulate(canary, { seed: 7 }).digest).toBe(simulate(canary, { seed: 7 }).digest);
    expect(simulate(canary, { seed: 8 }).digest).not.toBe(simulate(canary, { seed: 7 }).digest);
  });

  it('runs a file, with keys over those that it has', () => {
    const file = 'scenarios/canary-how-exact/scenario.yaml';
    const { result } = simulate(file, { overrides: { duration: '10s', expect: [] } });
    expect(result.durationNs).toBe(10e9);
    expect(result.expectations).toEqual([]);
    expect(result.clients.length).toBeGreaterThan(0);
  });

  it('reads files that are handed in', () => {
    const files = {
      'mesh.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [service] }),
      'shop.json': JSON.stringify(deployment('shop', 'v1')),
    };
    const object = canary.with({ mesh: ['mesh.json', 'shop.json'], workloads: {}, expect: [] });
    expect(simulateInBrowser(object, { files }).result.responses).toMatchObject([
      { code: 503, flags: 'UH' },
    ]);
  });

  it('sets parameters', () => {
    const load = { requests: `\${count}` };
    const counted = canary
      .with({ params: { count: 10 } })
      .client('shop', { from: 'shop-v1', request: 'GET http://catalog/', load });
    expect(simulate(counted).result.clients[0]?.requestCount).toBe(10);
    expect(simulate(counted, { set: { count: 25 } }).result.clients[0]?.requestCount).toBe(25);
  });

  it('answers queries, announced or not, alike', () => {
    const that = 'requests{client="shop", subset="v2"} / requests{client="shop"}';
    const asked = simulate(canary).query(that);
    const announced = simulate(canary, { queries: [that] });
    expect(announced.query(that)).toMatchObject({ value: asked.value, count: asked.count });
    expect(announced.result.expectations).toHaveLength(1);
    expect(asked.dimension).toBe('share');
    expect(asked.value).toBeCloseTo(0.1, 1);
    expect(asked.text).toMatch(/^[\d.]+%$/);
    expect(asked.meets('~10%').holds).toBe(true);
    expect(asked.meets('> 50%')).toMatchObject({
      holds: false,
      text: expect.stringMatching(/wanted > 50%/),
    });
  });

  it('looks at a window of time', () => {
    const simulation = simulate(canary);
    const early = simulation.query('requests{client="shop"}', { during: '0s..10s' });
    const late = simulation.query('requests{client="shop"}', { during: '10s..' });
    const all = simulation.query('requests{client="shop"}');
    expect(early.value + late.value).toBe(all.value);
    expect(() => simulation.query('requests', { during: 'soon' })).toThrow('"soon" is no period');
  });

  it('says that nothing was seen rather than zero', () => {
    const answer = simulate(canary).query('p99(latency{client="nobody"})');
    expect(answer).toMatchObject({ value: Number.NaN, text: '–' });
    expect(answer.remark).toMatch(/nobody|nothing/);
    expect(answer.meets('< 1h').holds).toBe(false);
  });

  it('points into a scenario or query that cannot be used', () => {
    const wrong = { ...canary.toJSON(), duration: 'a while' };
    expect(() => simulate(wrong)).toThrow(
      /scenario\.object\.json:\d+:\d+: error MS0\d+: .*a while/s,
    );
    expect(() => simulate('no-such-file.yaml')).toThrow(/cannot read no-such-file\.yaml/);
    expect(() => simulate(canary).query('p99(latencies)')).toThrow(/error MS0301/);
  });
});

describe('a scenario builder', () => {
  it('changes nothing of what it came from', () => {
    const base = scenario('a').client('one', {
      from: 'x',
      request: 'GET http://y/',
      load: { rate: 1 },
    });
    const more = base.client('two', { from: 'x', request: 'GET http://y/', load: { rate: 2 } });
    expect(Object.keys(base.toJSON().clients ?? {})).toEqual(['one']);
    expect(Object.keys(more.toJSON().clients ?? {})).toEqual(['one', 'two']);
  });

  it('writes steps of the timeline and hosts outside', () => {
    const built = scenario('a')
      .at('5s', { scale: 'catalog-v1', to: 0 })
      .external('api.example.com', { latency: '30ms' })
      .toJSON();
    expect(built.timeline).toEqual([{ at: '5s', scale: 'catalog-v1', to: 0 }]);
    expect(built.external).toEqual({ 'api.example.com': { latency: '30ms' } });
  });
});
