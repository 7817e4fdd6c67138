import { describe, expect, it } from 'vitest';
import type { AccessLog, HttpConnectionManager, Listener } from '#xds/listener.ts';
import { listenerNamed } from '../test-chains.ts';
import { configOf, proxyNamed, REFERENCE_SERVICES } from '../test-mesh.ts';

function telemetry(namespace: string, name: string, spec: object): string {
  return `---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${JSON.stringify(spec)}
`;
}

function listeners(extra: string, meshConfig: object = {}, labels: Record<string, string> = {}) {
  return configOf(REFERENCE_SERVICES + extra, proxyNamed({ labels }), { meshConfig }).listeners;
}

/** The logs of the connection managers of a listener. */
function requestLogs(found: readonly Listener[], name = '0.0.0.0_80'): readonly AccessLog[] {
  const filters = listenerNamed(found, name).filterChains?.flatMap((chain) => chain.filters ?? []);
  const manager = filters?.find((filter) => filter.name.endsWith('http_connection_manager'));
  if (manager === undefined) throw new Error(`${name} has no connection manager`);
  return (manager.typedConfig as HttpConnectionManager).accessLog ?? [];
}

const paths = (logs: readonly AccessLog[]) => logs.map(({ typedConfig }) => typedConfig?.['path']);
const ENVOY = { accessLogging: [{ providers: [{ name: 'envoy' }] }] };

describe('MeshConfig.accessLogFile', () => {
  it('is off by default', () => {
    expect(JSON.stringify(listeners(''))).not.toContain('accessLog');
  });

  it('logs requests everywhere, and connections that fit no chain', () => {
    const found = listeners('', { accessLogFile: '/dev/stdout' });
    expect(paths(requestLogs(found))).toEqual(['/dev/stdout']);
    expect(paths(requestLogs(found, 'virtualInbound'))).toEqual(['/dev/stdout']);
    expect(listenerNamed(found, 'virtualOutbound').accessLog).toMatchObject([
      { filter: { responseFlagFilter: { flags: ['NR'] } } },
    ]);
    expect(listenerNamed(found, '0.0.0.0_80').accessLog).toBeUndefined();
  });

  it('may have a format of its own, a line of text or fields of JSON', () => {
    const formatOf = (meshConfig: object) =>
      requestLogs(listeners('', { accessLogFile: '/log', ...meshConfig }))[0]?.typedConfig?.[
        'logFormat'
      ];
    expect(formatOf({ accessLogFormat: '%START_TIME%' })).toEqual({
      textFormatSource: { inlineString: '%START_TIME%\n' },
    });
    expect(
      formatOf({ accessLogEncoding: 'JSON', accessLogFormat: '{"at": "%START_TIME%"}' }),
    ).toMatchObject({ jsonFormat: { at: '%START_TIME%' } });
    expect(formatOf({ accessLogEncoding: 'JSON', accessLogFormat: '{"at' })).toMatchObject({
      jsonFormat: { start_time: '%START_TIME%' },
    });
  });
});

describe('a Telemetry', () => {
  it('of the root namespace turns the log on for the mesh', () => {
    const found = listeners(telemetry('istio-system', 'mesh', ENVOY));
    expect(paths(requestLogs(found))).toEqual(['/dev/stdout']);
  });

  it('of a namespace turns it off again, one of a workload on again', () => {
    const mesh = telemetry('istio-system', 'mesh', ENVOY);
    const off = telemetry('ns', 'silent', { accessLogging: [{ disabled: true }] });
    const on = telemetry('ns', 'loud', { selector: { matchLabels: { app: 'a' } }, ...ENVOY });
    expect(requestLogs(listeners(mesh + off))).toEqual([]);
    expect(requestLogs(listeners(mesh + off + on, {}, { app: 'b' }))).toEqual([]);
    expect(requestLogs(listeners(mesh + off + on, {}, { app: 'a' }))).toHaveLength(1);
  });

  it('replaces MeshConfig’s file', () => {
    const own = telemetry('ns', 'own', { accessLogging: [{ providers: [{ name: 'Mine' }] }] });
    const found = listeners(own, {
      accessLogFile: '/old',
      extensionProviders: [
        {
          name: 'mine',
          envoyFileAccessLog: { path: '/mine', logFormat: { labels: { c: '%RESPONSE_CODE%' } } },
        },
      ],
    });
    expect(requestLogs(found)).toMatchObject([
      { typedConfig: { path: '/mine', logFormat: { jsonFormat: { c: '%RESPONSE_CODE%' } } } },
    ]);
  });

  it('may concern one side alone', () => {
    const server = telemetry('ns', 'server', {
      accessLogging: [{ match: { mode: 'SERVER' }, providers: [{ name: 'envoy' }] }],
    });
    const found = listeners(server);
    expect(requestLogs(found)).toEqual([]);
    expect(requestLogs(found, 'virtualInbound')).toHaveLength(1);
  });

  it('may log some requests only', () => {
    const errors = telemetry('ns', 'errors', {
      accessLogging: [
        { providers: [{ name: 'envoy' }], filter: { expression: 'response.code >= 500' } },
      ],
    });
    expect(requestLogs(listeners(errors))).toMatchObject([
      { filter: { extensionFilter: { typedConfig: { expression: 'response.code >= 500' } } } },
    ]);
  });
});
