import { keptIn } from '#source/memo.ts';
import type { ClusterLoadAssignment, LbEndpoint } from '#xds/endpoint.ts';
import { type OriginNotes, originOf } from '../clusters/cluster-origins.ts';
import type { IstioEndpoint } from '../model/endpoint.ts';
import { splitLocality } from '../model/locality.ts';
import type { MeshModel } from '../model/mesh-model.ts';
import type { ProxyModel } from '../model/proxy.ts';
import { serviceKey } from '../model/service.ts';
import {
  type EndpointQuery,
  endpointPolicy,
  mtlsChecker,
  visibleEndpoints,
} from './endpoint-query.ts';
import { lbEndpoint } from './lb-endpoint.ts';
import { groupByLocality, type LocalityGroup, xdsGroup } from './locality-group.ts';
import {
  applyLocalitySetting,
  type EffectiveLocalitySetting,
  effectiveLocalitySetting,
  failoverPriorityLabels,
  isLocalitySensitive,
} from './locality-setting.ts';

type ByKey = Map<string, Map<unknown, ClusterLoadAssignment>>;

/**
 * The endpoints of clusters as proxies are sent them. Assignments are shared: by all proxies where
 * locality does not matter, else by those of a locality, and by successive models as long as the
 * endpoints of a service stay the same list; endpoints by all assignments that have them.
 */
export class LoadAssignments {
  readonly #notes: OriginNotes;
  readonly #byPolicies = new WeakMap<object, WeakMap<readonly IstioEndpoint[], ByKey>>();
  readonly #mtlsEndpoints = new WeakMap<IstioEndpoint, LbEndpoint>();
  readonly #plainEndpoints = new WeakMap<IstioEndpoint, LbEndpoint>();

  constructor(notes: OriginNotes) {
    this.#notes = notes;
  }

  /**
   * What the endpoint service gives a proxy for a cluster.
   *
   * @source istio: pilot/pkg/xds/endpoints/endpoint_builder.go, BuildClusterLoadAssignment
   */
  assignment(model: MeshModel, query: EndpointQuery, proxy: ProxyModel): ClusterLoadAssignment {
    const policy = endpointPolicy(query);
    const setting = effectiveLocalitySetting(
      model.meshConfig,
      policy.loadBalancer?.value,
      query.service,
    );
    const hasOutlierDetection = policy.outlierDetection !== undefined;
    const isSensitive = isLocalitySensitive(setting, hasOutlierDetection);
    const key = [
      query.clusterName,
      serviceKey(query.service),
      query.service.isNodeLocal ? proxy.node : '',
      isSensitive ? placeKey(setting, proxy) : '',
    ].join('\n');
    const byRule = this.#byRule(model, query, key);
    let assignment = byRule.get(query.rule);
    if (assignment === undefined) {
      const groups = applyLocalitySetting(
        setting,
        this.groups(model, query, proxy, 'eds'),
        placeOf(proxy),
        hasOutlierDetection,
      );
      assignment = loadAssignment(query.clusterName, groups);
      byRule.set(query.rule, assignment);
    }
    return assignment;
  }

  #byRule(
    model: MeshModel,
    { service, port }: EndpointQuery,
    key: string,
  ): Map<unknown, ClusterLoadAssignment> {
    const byList = keptIn(this.#byPolicies, model.peerAuthentications, () => new WeakMap());
    const byKey = keptIn(byList, model.endpoints(service, port.name), () => new Map());
    return keptIn(byKey, key, () => new Map());
  }

  /** The endpoints by locality, before any weight or priority. */
  groups(
    model: MeshModel,
    query: EndpointQuery,
    proxy: ProxyModel,
    source: 'eds' | 'cluster',
  ): readonly LocalityGroup[] {
    const speaksMtls = mtlsChecker(query, model);
    const visible = visibleEndpoints(query, model, proxy, source);
    // Through an AUTO_PASSTHROUGH gateway only mTLS may pass: whoever can't speak it is left out.
    const isSni = query.clusterName.startsWith('outbound_.');
    const kept = isSni ? visible.filter(speaksMtls) : visible;
    return groupByLocality(kept, (endpoint) => this.#lbEndpoint(endpoint, speaksMtls(endpoint)));
  }

  #lbEndpoint(endpoint: IstioEndpoint, speaksMtls: boolean): LbEndpoint {
    return keptIn(speaksMtls ? this.#mtlsEndpoints : this.#plainEndpoints, endpoint, () => {
      const made = lbEndpoint(endpoint, speaksMtls);
      this.#notes.later(() => this.#notes.origins.set(made, originOf(endpoint.source, [])));
      return made;
    });
  }
}

export function loadAssignment(
  clusterName: string,
  groups: readonly LocalityGroup[],
): ClusterLoadAssignment {
  return { clusterName, ...(groups.length === 0 ? {} : { endpoints: groups.map(xdsGroup) }) };
}

export function placeOf(proxy: ProxyModel) {
  return { locality: splitLocality(proxy.locality), labels: proxy.labels };
}

/** What of a proxy decides about weights and priorities. */
function placeKey(setting: EffectiveLocalitySetting | undefined, proxy: ProxyModel): string {
  const labels = failoverPriorityLabels(setting).map((entry) => {
    const name = entry.split('=', 1)[0]!;
    return proxy.labels.get(name) ?? '';
  });
  return [proxy.locality, String(proxy.labels.size === 0), ...labels].join('\t');
}
