import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeText } from '#config/analysis/analyze-text.ts';
import { loadText } from '#config/loader.ts';
import { storeOf } from '#config/resource-store.ts';
import { validateDocuments } from '#config/validation/validate.ts';
import { gatewayApiStatusesOf } from '#mesh/gateway-api-statuses.ts';
import { configOf, inspectResources } from '#mesh/proxy-inspection.ts';
import { nearlyValidObject } from './hostile-objects.ts';

/** What the objects may speak of: a caller, a service that its pods serve, a gateway. */
const AROUND = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'default', labels: { app: 'web' } },
    spec: { containers: [{ name: 'app', ports: [{ containerPort: 80 }] }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { name: 'gw', namespace: 'default' },
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }],
    },
  },
];

/** As many pods as there may be at most take seconds to make, and are all alike. */
function withFewPods(object: object): object {
  const spec = 'spec' in object ? object.spec : undefined;
  const isLarge = spec instanceof Object && 'replicas' in spec && spec.replicas === 65536;
  return isLarge ? { ...object, spec: { ...spec, replicas: 7 } } : object;
}

describe('any input', () => {
  it('of nearly valid objects loads, validates and analyzes without a throw', () => {
    fc.assert(
      fc.property(fc.array(nearlyValidObject, { minLength: 1, maxLength: 6 }), (objects) => {
        const text = objects.map((it) => JSON.stringify(it)).join('\n---\n');
        const loaded = loadText('x.yaml', text);
        storeOf(loaded.resources, []);
        for (const { at } of loaded.diagnostics) expect(at?.line).toBeGreaterThan(0);
        expect(validateDocuments(text)).toHaveLength(objects.length);
        const { files, cluster } = analyzeText('x.yaml', text);
        for (const { text: line } of [...files.messages, ...cluster.messages])
          expect(line).toMatch(/^(?:Error|Warning|Info) \[IST\d{4}\] \(/);
      }),
      { numRuns: 150 },
    );
  });

  it('of nearly valid objects is translated for every proxy without a throw', () => {
    fc.assert(
      fc.property(fc.array(nearlyValidObject, { minLength: 1, maxLength: 6 }), (objects) => {
        const all = [...objects.map((it) => withFewPods(it)), ...AROUND];
        const text = all.map((it) => JSON.stringify(it)).join('\n---\n');
        const mesh = inspectResources(loadText('x.yaml', text).resources, undefined, []);
        gatewayApiStatusesOf(mesh);
        const pods = mesh.view.pods.filter(({ proxy }) => proxy !== 'none');
        expect(pods.length).toBeGreaterThan(0);
        // Those of one workload are alike.
        for (const pod of [...pods.slice(0, 3), ...pods.slice(-3)])
          expect(configOf(mesh, pod).clusters.length).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });

  it('of any text gives diagnostics with places inside it', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'kind: Service\n',
        'apiVersion: v1\n',
        '---\n',
        '- ',
        '  ',
        '&a ',
        '*a',
        '{',
        ']',
        '<<: ',
        '|\n',
        '"',
        "'",
        '#',
        '\t',
        '? ',
      ),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('');
        const lines = text.split('\n').length;
        for (const { at } of loadText('x.yaml', text).diagnostics)
          expect(at === undefined || (at.line <= lines && at.length > 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves no trace in the prototypes of JavaScript', () => {
    loadText(
      'x.yaml',
      '{"apiVersion":"v1","kind":"Pod","metadata":{"__proto__":{"x":1},"name":"p"}}',
    );
    expect('x' in {}).toBe(false);
  });
});
