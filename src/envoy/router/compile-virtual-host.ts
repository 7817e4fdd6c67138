import { memoOfPairs } from '#kernel/memo.ts';
import type { Route, RouteConfiguration, VirtualHost } from '#xds/route.ts';
import { compileRoute } from './compile-route.ts';
import type { CompiledRoute, CompiledVirtualHost, RouteSettings } from './compiled-route.ts';

/**
 * Compiles a virtual host, once per object and settings around it: route configurations share virtual
 * hosts, and a push leaves most of them alone (bench/push-run.mjs).
 *
 * @source envoy: source/common/router/config_impl.cc, VirtualHostImpl
 */
export const compileVirtualHost = memoOfPairs(
  (xds: VirtualHost, settings: RouteSettings): CompiledVirtualHost =>
    new VirtualHostOnDemand(xds, settings),
);

/** The routes of a virtual host that some request was given. */
export function takenRoutes(virtualHost: CompiledVirtualHost): readonly Route[] {
  return virtualHost instanceof VirtualHostOnDemand ? virtualHost.takenRoutes : [];
}

const knownSettings = new Map<string, RouteSettings>();

/** What a route configuration says beside its virtual hosts: one object for equal content. */
export function settingsOf({ virtualHosts: _, ...rest }: RouteConfiguration): RouteSettings {
  const content = JSON.stringify(rest);
  let settings = knownSettings.get(content);
  if (settings === undefined) {
    if (knownSettings.size >= REMEMBERED_SETTINGS) knownSettings.clear();
    settings = rest;
    knownSettings.set(content, settings);
  }
  return settings;
}

const REMEMBERED_SETTINGS = 1024;

/**
 * A virtual host whose routes are compiled when a request first comes to it: of a large mesh a run
 * visits few. To the first request of 1,000 hosts with ten routes each: a tenth of the time
 * (bench/load-run.mjs 1000 10 20).
 */
class VirtualHostOnDemand implements CompiledVirtualHost {
  readonly xds: VirtualHost;
  readonly name: string;
  readonly settings: RouteSettings;
  readonly requireTls: CompiledVirtualHost['requireTls'];
  readonly tlsRedirect: CompiledRoute | undefined;
  readonly includeRequestAttemptCount: boolean;
  readonly includeAttemptCountInResponse: boolean;
  readonly includeIsTimeoutRetryHeader: boolean;
  #routes: readonly CompiledRoute[] | undefined = undefined;
  readonly #problems: string[] = [];

  constructor(xds: VirtualHost, settings: RouteSettings) {
    this.xds = xds;
    this.name = xds.name;
    this.settings = settings;
    this.requireTls = xds.requireTls ?? 'NONE';
    this.tlsRedirect =
      this.requireTls === 'NONE' ? undefined : compileTlsRedirect(xds.name, settings.name);
    this.includeRequestAttemptCount = xds.includeRequestAttemptCount ?? false;
    this.includeAttemptCountInResponse = xds.includeAttemptCountInResponse ?? false;
    this.includeIsTimeoutRetryHeader = xds.includeIsTimeoutRetryHeader ?? false;
  }

  get routes(): readonly CompiledRoute[] {
    return this.#routes ?? this.#compileRoutes();
  }

  get takenRoutes(): readonly Route[] {
    return (this.#routes ?? []).filter(({ isTaken }) => isTaken).map(({ xds }) => xds);
  }

  get problems(): readonly string[] {
    if (this.#routes === undefined) this.#compileRoutes();
    return this.#problems;
  }

  #compileRoutes(): readonly CompiledRoute[] {
    this.#routes = (this.xds.routes ?? []).map((route, index) =>
      compileRoute(route, index, this, (problem) => this.#problems.push(problem)),
    );
    return this.#routes;
  }
}

/** It has no name, and no headers are added to what it answers. */
function compileTlsRedirect(name: string, configurationName: string): CompiledRoute {
  const virtualHost: CompiledVirtualHost = {
    xds: { name, domains: [] },
    name,
    settings: { name: configurationName },
    routes: [],
    requireTls: 'NONE',
    tlsRedirect: undefined,
    includeRequestAttemptCount: false,
    includeAttemptCountInResponse: false,
    includeIsTimeoutRetryHeader: false,
    problems: [],
  };
  const route = { match: { prefix: '/' }, redirect: { httpsRedirect: true } };
  return compileRoute(route, 0, virtualHost, () => {});
}
