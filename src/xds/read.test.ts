import { describe, expect, it } from 'vitest';
import { readCluster, readListener, readRouteConfiguration } from './read.ts';

describe('reading a cluster', () => {
  it('takes snake_case for camelCase, digits included', () => {
    const { value, problems } = readCluster({
      name: 'a',
      connect_timeout: '1s',
      lb_policy: 'LEAST_REQUEST',
      outlier_detection: { consecutive_5xx: 3, base_ejection_time: '2s' },
      circuit_breakers: { thresholds: [{ max_retries: 1 }] },
    });
    expect(problems).toEqual([]);
    expect(value).toEqual({
      name: 'a',
      connectTimeout: '1s',
      lbPolicy: 'LEAST_REQUEST',
      outlierDetection: { consecutive5xx: 3, baseEjectionTime: '2s' },
      circuitBreakers: { thresholds: [{ maxRetries: 1 }] },
    });
  });

  it('reads what it knows of an extension by its type and carries the rest', () => {
    const { value, problems } = readCluster({
      name: 'a',
      typed_extension_protocol_options: {
        http: {
          '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
          explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 2 } },
        },
      },
      metadata: { filter_metadata: { istio: { some_key: 1 } } },
      filters: [{ name: 'x', typed_config: { '@type': 'type.googleapis.com/unknown.T', a_b: 1 } }],
    });
    expect(problems).toEqual([]);
    expect(value?.typedExtensionProtocolOptions?.['http']).toMatchObject({
      explicitHttpConfig: { http2ProtocolOptions: { maxConcurrentStreams: 2 } },
    });
    expect(value?.metadata).toEqual({ filterMetadata: { istio: { some_key: 1 } } });
    expect(value?.filters?.[0]?.typedConfig).toMatchObject({ a_b: 1 });
  });

  it('names the place of every wrong value and keeps the others', () => {
    const { value, problems } = readCluster({
      name: 'a',
      connect_timeout: '1 second',
      lb_policy: 'FASTEST',
      outlier_detection: { interval: '1s', consecutive_5xx: -1 },
      colour: 'red',
    });
    expect(value).toEqual({ name: 'a', outlierDetection: { interval: '1s' } });
    expect(problems.map(({ severity, path }) => `${severity} ${path}`)).toEqual([
      'error connectTimeout',
      'error lbPolicy',
      'error outlierDetection.consecutive5xx',
      'warning ',
    ]);
    expect(problems[1]?.message).toContain('expected one of ROUND_ROBIN, LEAST_REQUEST');
  });
});

describe('reading routes', () => {
  it('fills in a required field that is missing, so that compiling finds one', () => {
    const { value, problems } = readRouteConfiguration({
      virtual_hosts: [{ name: 'v', routes: [{ route: { cluster: 'c' } }] }],
    });
    expect(value?.virtualHosts?.[0]).toMatchObject({ domains: [], routes: [{ match: {} }] });
    expect(problems.map((problem) => problem.message)).toEqual([
      'virtualHosts[0].routes[0].match: a value is required',
      'virtualHosts[0].domains: a value is required',
    ]);
  });

  it('unwraps a typed struct', () => {
    const { value } = readRouteConfiguration({
      virtual_hosts: [
        {
          name: 'v',
          domains: ['*'],
          typed_per_filter_config: {
            'envoy.filters.http.fault': {
              '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
              type_url: 'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault',
              value: { abort: { http_status: 503 } },
            },
          },
        },
      ],
    });
    const fault = value?.virtualHosts?.[0]?.typedPerFilterConfig?.['envoy.filters.http.fault'];
    expect(fault).toMatchObject({ abort: { httpStatus: 503 } });
  });

  it.each([null, 1, 'x', [], { virtual_hosts: 1 }, { virtual_hosts: [null, 1, { domains: {} }] }])(
    'does not throw on %j',
    (json) => {
      expect(readRouteConfiguration(json).problems.length).toBeGreaterThan(0);
    },
  );
});

describe('reading a listener', () => {
  it('reads the connection manager of a filter chain with its routes', () => {
    const { value, problems } = readListener({
      name: 'l',
      address: { socket_address: { address: '0.0.0.0', port_value: 80 } },
      filter_chains: [
        {
          filters: [
            {
              name: 'hcm',
              typed_config: {
                '@type':
                  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                stat_prefix: 'p',
                stream_idle_timeout: '0s',
                route_config: { virtual_hosts: [{ name: 'v', domains: ['*'] }] },
                http_filters: [
                  { name: 'envoy.filters.http.router', typed_config: { '@type': 'x/y.Router' } },
                ],
              },
            },
          ],
        },
      ],
      listener_filters: [
        { name: 'tls', filter_disabled: { destination_port_range: { start: 1, end: 2 } } },
      ],
    });
    expect(problems).toEqual([]);
    expect(value?.filterChains?.[0]?.filters?.[0]?.typedConfig).toMatchObject({
      streamIdleTimeout: '0s',
      routeConfig: { virtualHosts: [{ name: 'v', domains: ['*'] }] },
    });
    expect(value?.listenerFilters?.[0]).toEqual({
      name: 'tls',
      filterDisabled: { destinationPortRange: { start: 1, end: 2 } },
    });
  });
});
