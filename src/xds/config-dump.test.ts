import { describe, expect, it } from 'vitest';
import { readConfigDump } from './config-dump.ts';

const any = (type: string, fields: object) => ({
  '@type': `type.googleapis.com/${type}`,
  ...fields,
});

describe('a config dump', () => {
  it('gives what the proxy uses now, static and dynamic', () => {
    const dump = readConfigDump({
      configs: [
        any('envoy.admin.v3.BootstrapConfigDump', { bootstrap: {} }),
        any('envoy.admin.v3.ClustersConfigDump', {
          static_clusters: [
            { cluster: any('envoy.config.cluster.v3.Cluster', { name: 'static' }) },
          ],
          dynamic_active_clusters: [
            { cluster: any('envoy.config.cluster.v3.Cluster', { name: 'eds', type: 'EDS' }) },
          ],
          dynamic_warming_clusters: [
            { cluster: any('envoy.config.cluster.v3.Cluster', { name: 'warming' }) },
          ],
        }),
        any('envoy.admin.v3.ListenersConfigDump', {
          dynamic_listeners: [
            {
              name: 'l',
              active_state: {
                listener: any('envoy.config.listener.v3.Listener', {
                  name: 'l',
                  address: { socket_address: { address: '0.0.0.0', port_value: 15001 } },
                }),
              },
            },
            { name: 'draining', draining_state: {} },
          ],
        }),
        any('envoy.admin.v3.RoutesConfigDump', {
          dynamic_route_configs: [
            { route_config: any('envoy.config.route.v3.RouteConfiguration', { name: '80' }) },
          ],
        }),
        any('envoy.admin.v3.EndpointsConfigDump', {
          dynamic_endpoint_configs: [{ endpoint_config: { cluster_name: 'eds' } }],
        }),
      ],
    });
    expect(dump.problems).toEqual([]);
    expect(dump.clusters.map(({ name }) => name)).toEqual(['static', 'eds']);
    expect(dump.listeners[0]?.address).toEqual({
      socketAddress: { address: '0.0.0.0', portValue: 15001 },
    });
    expect(dump.listeners).toHaveLength(1);
    expect(dump.routeConfigurations).toEqual([{ name: '80' }]);
    expect(dump.loadAssignments).toEqual([{ clusterName: 'eds' }]);
  });

  it('says where something is wrong in it', () => {
    expect(readConfigDump({}).problems[0]?.message).toContain('expected a config dump');
    const { problems } = readConfigDump({
      configs: [{ dynamic_active_clusters: [{ cluster: { name: 'a', connect_timeout: 5 } }] }],
    });
    expect(problems[0]?.path).toBe('configs[0].dynamic_active_clusters[0].connectTimeout');
  });
});
