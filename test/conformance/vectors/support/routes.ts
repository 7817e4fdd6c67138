import { HeaderMap } from '#envoy/http/header-map.ts';
import type { HttpRequest } from '#envoy/network.ts';
import type { CompiledRouteConfiguration } from '#envoy/router/compiled-route.ts';
import { compileRouteConfiguration } from '#envoy/router/route-configuration.ts';
import { readRouteConfiguration } from '#xds/read.ts';
import '#envoy/re2.ts';

/** A GET of a vector's request; what it does not say has a plain value. */
export function requestOf(request: {
  readonly path?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly host?: string;
  readonly scheme?: string;
}): HttpRequest {
  return {
    method: 'GET',
    path: request.path ?? '/',
    authority: request.host ?? 'host',
    scheme: request.scheme ?? 'http',
    headers: HeaderMap.of(request.headers ?? []),
    bodyBytes: 0,
  };
}

/** A configuration with one virtual host for everything, of these routes in Envoy's own JSON. */
export function configurationOf(
  routes: readonly object[],
  virtualHost: object = {},
  configuration: object = {},
): CompiledRouteConfiguration {
  return compiled({
    ...configuration,
    virtual_hosts: [{ name: 'all', domains: ['*'], ...virtualHost, routes }],
  });
}

export function compiled(json: object): CompiledRouteConfiguration {
  const { value, problems } = readRouteConfiguration(json);
  const compiledConfiguration = compileRouteConfiguration(value!);
  const wrong = [...problems.map(({ path, message }) => `${path}: ${message}`)];
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  return compiledConfiguration;
}
