import { describe, expect, it } from 'vitest';
import { prepareExperiment } from './experiment.ts';
import { loadScenario } from './file/load-scenario.ts';
import { isIsotopeGraph, scenarioOfGraph } from './isotope-graph.ts';
import { Run } from './run.ts';

const GRAPH = `apiVersion: v1alpha1
kind: MockServiceGraph
defaults:
  type: grpc
  requestSize: 1 KB
services:
- name: a
  errorRate: 0.01%
  script:
  - sleep: 100ms
- name: b
  type: http
- name: c
  numReplicas: 2
  script:
  - call: { service: a, size: 10K }
  - call: b
- name: d
  script:
  - - call: a
    - call: c
  - sleep: 10ms
  - call: { service: b, probability: 50 }
`;

describe('a service graph of isotope', () => {
  it('becomes a scenario with its services, behaviours and entries, which runs', () => {
    expect(isIsotopeGraph(GRAPH)).toBe(true);
    const written = scenarioOfGraph('graph.yaml', GRAPH);
    const text = 'text' in written ? written.text : written.problem;
    expect(text).toContain('  a:\n    latency: 100ms\n    errors: { 500: 0.01% }\n');
    expect(text).toContain(
      '  d:\n    latency: 10ms\n    calls:\n      - { parallel: [POST grpc://a:8080/isotope.Service/Call, POST grpc://c:8080/isotope.Service/Call] }\n      - { request: GET http://b:8080/, chance: 50% }\n',
    );
    const files = {
      readFile: (path: string) => (path === 's.yaml' ? { text } : { problem: 'none' }),
      listFiles: () => undefined,
    };
    const { scenario, diagnostics } = loadScenario('s.yaml', files);
    expect(diagnostics).toEqual([]);
    const { experiment } = prepareExperiment(scenario!, files);
    const { clients, edges } = new Run(experiment!).finish();
    // Nobody calls d: it is the entry.
    expect(clients.map(({ name, successShare }) => [name, successShare > 0.99])).toEqual([
      ['to-d', true],
    ]);
    expect(edges.map(({ name }) => name)).toEqual(['c→a', 'c→b', 'caller→d', 'd→a', 'd→b', 'd→c']);
  });

  it('says what is wrong with a graph', () => {
    expect(scenarioOfGraph('g', 'kind: MockServiceGraph')).toEqual({
      problem: 'the graph has no services',
    });
    expect(scenarioOfGraph('g', GRAPH.replace('call: b', 'call: e'))).toEqual({
      problem: 'a script calls "e", which is no service',
    });
  });
});
