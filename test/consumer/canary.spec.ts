import 'meshsim/testing/vitest';
import { scenario, simulate } from 'meshsim/testing';
import { expect, it } from 'vitest';

const P99 = 'p99(latency{client="shop"})';

it('the canary gets its tenth, and nobody notices', () => {
  const result = simulate('scenario.yaml');
  expect(result).toMeetExpectations();
  expect(result).toSplit({ v1: '90%', v2: '10%' });
  expect(result).toStayBelow(P99, '250ms');
  expect(result.query('requests{client="shop"}').value).toBeGreaterThan(1500);
});

it('a slow canary is noticed', () => {
  const slow = simulate('scenario.yaml', {
    seed: 7,
    overrides: { workloads: { 'catalog-v2': { latency: '500ms' } } },
  });
  expect(slow.query(P99)).toStayAbove('500ms');
  expect(() => expect(slow).toStayBelow(P99, '250ms')).toThrow(/wanted < 250ms/);
});

it('a scenario can be written here, too', () => {
  const written = scenario('written')
    .mesh('manifests/catalog.yaml')
    .client('shop', { from: 'shop', request: 'GET http://catalog/', load: { requests: 200 } })
    .expect('requests{client="shop"}', '== 200');
  expect(simulate(written)).toMeetExpectations();
});
