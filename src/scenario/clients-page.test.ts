import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadScenario } from './file/load-scenario.ts';

const PAGE = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
/** Keys of a client as the page shows them; `duration` is the scenario's. */
const SHOWN = [...PAGE.matchAll(/`((?:load|users|cookies|gracefulStop|timeout|retries): [^`]+)`/g)];

const scenario = (keys: string) => `mesh:
  - { apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { template: { metadata: { labels: { app: web } } } } }
  - { apiVersion: v1, kind: Service, metadata: { name: web }, spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] } }
clients:
  shop:
    from: web
    request: GET http://web/
    ${keys}
${keys.startsWith('load:') ? '' : `    load: ${keys.startsWith('cookies') ? '{ concurrency: 2 }' : '{ rate: 10/s }'}\n`}`;

const problemsOf = (keys: string): readonly string[] => {
  const files = {
    readFile: (path: string) => ({ text: path === 's.yaml' ? scenario(keys) : '0.5\n1.5\n' }),
    listFiles: () => undefined,
  };
  return loadScenario('s.yaml', files).diagnostics.map(({ message }) => message);
};

describe('what docs/clients.md shows to users of k6 and Fortio', () => {
  it.each([
    'Fortio `-c',
    '`-qps',
    '`-n',
    '`-t',
    'VUs',
    'constant-arrival-rate',
    'ramping-arrival-rate',
    'dropped_iterations',
    'gracefulStop',
  ])('has a line for %s', (name) => {
    expect(PAGE).toContain(name);
  });

  it.each(SHOWN.map(([, keys]) => keys!))('is what a scenario takes: %s', (keys) => {
    expect(problemsOf(keys)).toEqual([]);
  });

  it('would be told if it were not', () => {
    expect(SHOWN.length).toBeGreaterThan(12);
    expect(problemsOf('load: { rate: 10/s, maxVUs: 5 }')).not.toEqual([]);
  });
});
