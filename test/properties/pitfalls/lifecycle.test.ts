import { describe, expect, it } from 'vitest';
import type { RunResult } from '#scenario/run-result.ts';
import type { ScenarioObject } from '#testing/scenario-object.ts';
import { simulateWith } from '#testing/simulate.ts';
import { destinationRule, service, virtualService } from './ask.ts';

/** `web` calls `api`, whose pods come and go; nothing is retried. */
const CALLED = service('api', '{app: api}', '{name: http, port: 80, targetPort: 8080}');
const NO_RETRIES = virtualService(
  '{hosts: [api], http: [{retries: {attempts: 0}, route: [{destination: {host: api}}]}]}',
);

/** A Deployment with whatever its pods' metadata and containers have besides. */
function deployment(
  name: string,
  replicas: number,
  { annotations = '{}', container = '' }: { annotations?: string; container?: string } = {},
): string {
  return `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ns}
spec:
  replicas: ${replicas}
  template:
    metadata: {labels: {app: ${name}}, annotations: ${annotations}}
    spec: {containers: [{name: app, ports: [{containerPort: 8080}]${container}}]}`;
}

function run(mesh: string, scenario: ScenarioObject): RunResult {
  const clients = { load: { from: 'ns/web', request: 'GET http://api/', load: { rate: '60/s' } } };
  const files = { 'mesh.yaml': mesh };
  return simulateWith(undefined, { mesh: ['mesh.yaml'], clients, ...scenario }, { files }).result;
}

/** How many requests ended so: `503 UC`. */
function ended({ clients }: RunResult, how: RegExp): number {
  const told = clients[0]!.responses.filter(({ code, flags }) => how.test(`${code} ${flags}`));
  return told.reduce((sum, { count }) => sum + count, 0);
}

const FAILED = /^(?!200)/;

describe('pods that come and go', () => {
  it('M9: a connection that the application closes while a request is on its way: 503 UC; a shorter idleTimeout avoids it', () => {
    const mesh = CALLED + deployment('web', 10) + deployment('api', 1);
    const scenario = {
      duration: '600s',
      network: { latency: '50ms' },
      workloads: { api: { latency: '5ms', keepAlive: '5s', sidecar: false } },
      clients: { load: { from: 'ns/web', request: 'GET http://api/', load: { rate: '3/s' } } },
    } as ScenarioObject;
    expect(ended(run(mesh, scenario), /^503 UC$/)).toBeGreaterThan(0);
    const idle = '{host: api, trafficPolicy: {connectionPool: {http: {idleTimeout: 3s}}}}';
    expect(ended(run(mesh + destinationRule(idle), scenario), FAILED)).toBe(0);
  });

  it('M10: an application that exits at SIGTERM, before every proxy knows: requests fail unless a preStop hook waits', () => {
    const scaled = { duration: '40s', timeline: [{ at: '20s', scale: 'api', to: 1 }] };
    const failed = (container: string) =>
      ended(
        run(CALLED + NO_RETRIES + deployment('web', 1) + deployment('api', 4, { container }), {
          ...scaled,
          workloads: { api: { latency: '20ms', lifecycle: { onTerm: 'exit' } } },
        } as ScenarioObject),
        FAILED,
      );
    expect(failed('')).toBeGreaterThan(0);
    const waits = ', lifecycle: {preStop: {exec: {command: [sleep, "5"]}}}';
    expect(failed(waits)).toBe(0);
  });

  it('M11: a terminationDrainDuration shorter than the requests cuts those in flight, unless the sidecar is a native one', () => {
    const scaled = { duration: '50s', timeline: [{ at: '20s', scale: 'api', to: 1 }] };
    const failed = (drain: string, istioVersion: string) => {
      const annotations = `{proxy.istio.io/config: 'terminationDrainDuration: ${drain}'}`;
      const container = ', lifecycle: {preStop: {exec: {command: [sleep, "4"]}}}';
      const pods = deployment('api', 4, { annotations, container });
      const workloads = { api: { latency: '8s' } };
      const scenario = { ...scaled, istioVersion, workloads } as ScenarioObject;
      return ended(run(CALLED + NO_RETRIES + deployment('web', 1) + pods, scenario), FAILED);
    };
    expect(failed('1s', '1.26')).toBeGreaterThan(0);
    expect(failed('15s', '1.26')).toBe(0);
    expect(failed('1s', '1.27')).toBe(0);
  });
});
