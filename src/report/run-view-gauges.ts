import { clusterNamed } from '#mesh/snapshot-lists.ts';
import type { Run } from '#scenario/run.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { ViewGauge } from './run-view.ts';

const KINDS = ['inflight', 'pending', 'connections', 'queue', 'serving'] as const;
/** Envoy's `unlimited`, and Istio's. */
const UNLIMITED = 4294967295;
const LIMIT_OF = {
  inflight: 'maxRequests',
  pending: 'maxPendingRequests',
  connections: 'maxConnections',
} as const;

/** Every gauge that was ever above zero, with its limit where one is set. */
export function viewGauges(run: Run): readonly ViewGauge[] {
  const { recorder, nowNs } = run;
  const clusterOf = clusterFinder(run);
  return KINDS.flatMap((kind) =>
    [...recorder.gaugesOf(kind)].flatMap(({ row, window, series }): readonly ViewGauge[] => {
      if (series === undefined || window.max === 0) return [];
      const label = (name: string) => labelOf(recorder.rows, row, name);
      const proxy = label('proxy');
      const cluster = label('upstream_cluster');
      // Towards its own application a proxy has no limits: its gauges would only repeat the others.
      if (cluster.startsWith('inbound|')) return [];
      const { mean, max } = series.read(nowNs);
      const limit =
        kind === 'queue' || kind === 'serving'
          ? undefined
          : limitOf(clusterOf(proxy, cluster), LIMIT_OF[kind]);
      return [{ kind, proxy, cluster, pod: label('pod'), limit, mean, max }];
    }),
  );
}

/** Finds a cluster of a proxy by both names; one is asked for up to three times in a row. */
function clusterFinder(run: Run) {
  const proxies = new Map(run.mesh.proxies.map((proxy) => [proxy.name, proxy]));
  const found = new Map<string, Cluster | undefined>();
  return (proxyName: string, clusterName: string): Cluster | undefined => {
    const key = `${proxyName} ${clusterName}`;
    if (found.has(key)) return found.get(key);
    const proxy = proxies.get(proxyName);
    const cluster = proxy && clusterNamed(proxy.snapshot, clusterName);
    found.set(key, cluster);
    return cluster;
  };
}

function limitOf(
  cluster: Cluster | undefined,
  field: (typeof LIMIT_OF)[keyof typeof LIMIT_OF],
): number | undefined {
  const limit = cluster?.circuitBreakers?.thresholds?.[0]?.[field];
  return limit === undefined || limit >= UNLIMITED ? undefined : limit;
}
