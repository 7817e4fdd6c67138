import type { ResourceStore } from '#config/resource-store.ts';
import { matchedRoutes } from '#envoy/router/route-configuration.ts';
import type { Origin } from '#istiod/origin.ts';
import type { Place } from '#source/diagnostic.ts';
import { labelOf } from '#telemetry/label-catalogue.ts';
import { hasFlag, type ResponseFlag } from '#telemetry/response-flags.ts';
import type { RowKind } from '#telemetry/row-table.ts';
import type { RunRecorder } from '#telemetry/run-recorder.ts';
import type { Cluster } from '#xds/cluster.ts';
import type { Route } from '#xds/route.ts';
import { type CoverageKind, type CoverageRule, coverageRules, placeKey } from './coverage-rules.ts';
import type { Mesh } from './mesh.ts';

/** A rule that was written, and whether traffic met it. */
export interface CoveredRule {
  readonly kind: CoverageKind;
  readonly name: string;
  readonly at: Place | undefined;
  readonly isExercised: boolean;
}

/**
 * Which routes and matches were taken, which subsets were sent to, and which policies did something: a
 * timeout that fired, a retry, a fault, a copy to a mirror, an ejection, a request over a limit.
 * Of what `first` held and what is in force now; the later version of an object counts.
 */
export function configCoverage(
  first: ResourceStore,
  mesh: Mesh,
  recorder: RunRecorder,
): readonly CoveredRule[] {
  const rules = new Map<string, CoverageRule>();
  for (const store of [first, mesh.view.store])
    for (const rule of coverageRules(store)) rules.set(rule.key, rule);
  const met = new MetRules(mesh, recorder);
  return [...rules.values()].map((rule) => ({
    kind: rule.kind,
    name: rule.name,
    at: rule.at,
    isExercised: met.has(rule),
  }));
}

/** Rows by name of route and cluster. */
const pairOf = (route: string, cluster: string) => `${route} ${cluster}`;

/** What the traffic of a run met, read from its counters. */
class MetRules {
  readonly #recorder: RunRecorder;
  /** Routes that were taken, by the key of their `http` entry. */
  readonly #routes = new Map<string, Route[]>();
  readonly #matches = new Set<string>();
  /** Names of clusters, by the keys of the subset and of the policies that they are made from. */
  readonly #clusters = new Map<string, Set<string>>();
  readonly #sentTo: ReadonlySet<string>;
  readonly #mirroredTo: ReadonlySet<string>;
  readonly #overflowed: ReadonlySet<string>;
  readonly #ejected: ReadonlySet<string>;
  readonly #faulted: ReadonlySet<string>;
  readonly #timedOut: ReadonlySet<string>;
  readonly #retried: ReadonlySet<string>;

  constructor(mesh: Mesh, recorder: RunRecorder) {
    this.#recorder = recorder;
    for (const { routes, clusters } of mesh.controlPlane.parts) {
      for (const configuration of routes)
        for (const route of matchedRoutes(configuration)) this.#noteRoute(route, mesh);
      for (const cluster of clusters) this.#noteCluster(cluster, mesh);
    }
    this.#mirroredTo = this.#clustersOf('mirror');
    this.#sentTo = new Set([
      ...this.#clustersOf('source'),
      ...this.#clustersOf('tcpSource'),
      ...this.#mirroredTo,
    ]);
    this.#overflowed = this.#clustersOf('overflow');
    const { events, rows } = recorder;
    this.#ejected = new Set(events.ejections.map(({ cluster }) => rows.clusters.of(cluster).name));
    this.#faulted = this.#flagged('FI', 'DI');
    this.#timedOut = this.#flagged('UT');
    this.#retried = this.#pairs('attempt', (row) => rows.attemptOf(row) > 1);
  }

  has({ kind, key, ownerKey }: CoverageRule): boolean {
    const routes = this.#routes.get(ownerKey) ?? [];
    const acted = (pairs: ReadonlySet<string>) =>
      routes.some((route) =>
        clustersOfRoute(route).some((cluster) => pairs.has(pairOf(route.name ?? '', cluster))),
      );
    const isAmong = (names: ReadonlySet<string>) =>
      [...(this.#clusters.get(key) ?? [])].some((name) => names.has(name));
    switch (kind) {
      case 'route':
        return routes.length > 0;
      case 'match':
        return this.#matches.has(key);
      case 'fault':
        return acted(this.#faulted);
      case 'timeout':
        return acted(this.#timedOut);
      case 'retries':
        return acted(this.#retried);
      case 'mirror':
        return routes.some((route) =>
          route.route?.requestMirrorPolicies?.some((it) => this.#mirroredTo.has(it.cluster ?? '')),
        );
      case 'subset':
        return isAmong(this.#sentTo);
      case 'outlierDetection':
        return isAmong(this.#ejected);
      case 'connectionPool':
        return isAmong(this.#overflowed);
    }
  }

  #noteRoute(route: Route, { provenance }: Mesh): void {
    const origin = provenance.origins.get(route);
    if (origin === undefined) return;
    const key = keyOf(origin);
    this.#matches.add(key);
    const owner = key.replace(/\.match\[\d+\]$/, '');
    const known = this.#routes.get(owner);
    if (known === undefined) this.#routes.set(owner, [route]);
    else known.push(route);
  }

  #noteCluster(cluster: Cluster, { provenance }: Mesh): void {
    const fields = provenance.fieldOrigins.get(cluster);
    const origins = [provenance.origins.get(cluster), ...(fields?.values() ?? [])];
    for (const origin of origins) {
      if (origin === undefined) continue;
      const key = keyOf(origin);
      const names = this.#clusters.get(key);
      if (names === undefined) this.#clusters.set(key, new Set([cluster.name]));
      else names.add(cluster.name);
    }
  }

  #clustersOf(kind: RowKind): ReadonlySet<string> {
    return this.#collect(kind, (row) => labelOf(this.#recorder.rows, row, 'upstream_cluster'));
  }

  #flagged(...flags: readonly ResponseFlag[]): ReadonlySet<string> {
    const { rows } = this.#recorder;
    return this.#pairs('source', (row) => flags.some((flag) => hasFlag(rows.flagsOf(row), flag)));
  }

  #pairs(kind: RowKind, isMeant: (row: number) => boolean): ReadonlySet<string> {
    const { rows } = this.#recorder;
    return this.#collect(kind, (row) =>
      isMeant(row) ? pairOf(rows.routeOf(row) ?? '', rows.clusterOf(row)?.name ?? '') : undefined,
    );
  }

  #collect(kind: RowKind, textOf: (row: number) => string | undefined): ReadonlySet<string> {
    const found = new Set<string>();
    for (const row of this.#recorder.rowsOf(kind)) {
      const text = this.#recorder.counts.countOf(row) > 0 ? textOf(row) : undefined;
      if (text !== undefined) found.add(text);
    }
    return found;
  }
}

function clustersOfRoute({ route }: Route): readonly string[] {
  if (route?.cluster !== undefined) return [route.cluster];
  return (route?.weightedClusters?.clusters ?? []).map(({ name }) => name ?? '');
}

function keyOf({ kind, namespace, name, path }: Origin): string {
  return placeKey(kind, namespace, name, path);
}
