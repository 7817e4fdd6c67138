import type { Json, TypedConfig } from '#xds/core.ts';
import type { ListenerFilter, ListenerFilterChainMatchPredicate } from '#xds/listener.ts';

/**
 * The listener filters that istiod configures, and the ports on which they do not run.
 *
 * @source istio: pilot/pkg/xds/filters/filters.go; pilot/pkg/networking/core/listener_inbound.go
 */
export const TLS_INSPECTOR = listenerFilter('tls_inspector', 'TlsInspector', {
  initialReadBufferSize: 512,
});
export const HTTP_INSPECTOR = listenerFilter('http_inspector', 'HttpInspector');
export const ORIGINAL_DESTINATION = listenerFilter('original_dst', 'OriginalDst');
export const ORIGINAL_SOURCE = listenerFilter('original_src', 'OriginalSrc', { mark: 1337 });

/** The filter, not running on these ports. */
export function exceptPorts(filter: ListenerFilter, ports: readonly number[]): ListenerFilter {
  return ports.length === 0 ? filter : { ...filter, filterDisabled: onPorts(ports) };
}

/** The filter, running on these ports alone. */
export function onlyPorts(filter: ListenerFilter, ports: readonly number[]): ListenerFilter {
  return ports.length === 0 ? filter : { ...filter, filterDisabled: { notMatch: onPorts(ports) } };
}

function onPorts(ports: readonly number[]): ListenerFilterChainMatchPredicate {
  const rules = ports
    .toSorted((a, b) => a - b)
    .map((port) => ({
      destinationPortRange: { ...(port === 0 ? {} : { start: port }), end: port + 1 },
    }));
  return rules.length === 1 ? rules[0]! : { orMatch: { rules } };
}

function listenerFilter(
  name: string,
  message: string,
  fields: Record<string, Json> = {},
): ListenerFilter {
  const typedConfig: TypedConfig & { readonly [field: string]: Json | undefined } = {
    '@type': `type.googleapis.com/envoy.extensions.filters.listener.${name}.v3.${message}`,
    ...fields,
  };
  return { name: `envoy.filters.listener.${name}`, typedConfig };
}
