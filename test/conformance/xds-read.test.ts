import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compileRouteConfiguration } from '#envoy/router/route-configuration.ts';
import { type ReadResult, readCluster, readListener, readRouteConfiguration } from '#xds/read.ts';
import { SHARED } from '../shared-data.ts';
import '#envoy/re2.ts';
import { describeWithShared } from '../needs.ts';

interface Golden {
  readonly clusters?: readonly object[];
  readonly routes?: readonly object[];
  readonly listeners?: readonly object[];
  readonly listenersForm?: string;
}

/** Every message that the real istiod made, by the name of its case. */
function goldens(): (readonly [name: string, golden: Golden])[] {
  const dir = join(SHARED!, 'cases/istio');
  return readdirSync(dir)
    .map((name) => [name, join(dir, name, 'golden.json')] as const)
    .filter(([, file]) => existsSync(file))
    .map(([name, file]) => [name, JSON.parse(readFileSync(file, 'utf8')) as Golden] as const);
}

function expectWhole(result: ReadResult<unknown>, source: object): void {
  expect(result.problems).toEqual([]);
  expect(result.value).toEqual(source);
}

describeWithShared('configuration that the real istiod made', () => {
  const cases = SHARED === undefined ? [] : goldens();

  it('is read whole: every field is known, none is lost', () => {
    expect(cases.length).toBeGreaterThan(0);
    for (const [, golden] of cases) {
      for (const cluster of golden.clusters ?? []) expectWhole(readCluster(cluster), cluster);
      for (const routes of golden.routes ?? []) expectWhole(readRouteConfiguration(routes), routes);
      if (golden.listenersForm === 'reduced') continue;
      for (const listener of golden.listeners ?? []) expectWhole(readListener(listener), listener);
    }
  });

  it('has routes that compile without a complaint', () => {
    for (const [, golden] of cases) {
      for (const routes of golden.routes ?? []) {
        const { value } = readRouteConfiguration(routes);
        expect(compileRouteConfiguration(value!).problems).toEqual([]);
      }
    }
  });
});
