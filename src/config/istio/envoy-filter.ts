import {
  type Infer,
  int32,
  list,
  map,
  object,
  openObject,
  protoEnum,
  string,
  uint32,
} from '#source/shape.ts';
import { PORT_RULE, TARGET_OR_WORKLOAD_RULE, WAYPOINT_MATCH_RULE } from './cel-rules.ts';
import { workloadSelectorShape } from './shared-shapes.ts';
import { targetRefShape } from './target-reference.ts';

const PACKAGE = 'istio.networking.v1alpha3.EnvoyFilter';

const filterShape = object({ name: string(), subFilter: object({ name: string() }) });

const listenerShape = object({
  portNumber: uint32(),
  portName: string(),
  filterChain: object({
    name: string(),
    sni: string(),
    transportProtocol: string(),
    applicationProtocols: string(),
    filter: filterShape,
    destinationPort: uint32(),
    transportSocket: string(),
  }),
  listenerFilter: string(),
  name: string(),
});

const routeConfigurationShape = object({
  portNumber: uint32(),
  portName: string(),
  gateway: string(),
  vhost: object({
    name: string(),
    domainName: string(),
    route: object({
      name: string(),
      action: protoEnum(
        `${PACKAGE}.RouteConfigurationMatch.RouteMatch.Action`,
        'ANY',
        'ROUTE',
        'REDIRECT',
        'DIRECT_RESPONSE',
      ),
    }),
  }),
  name: string(),
});

const matchShape = object(
  {
    context: protoEnum(
      `${PACKAGE}.PatchContext`,
      'ANY',
      'SIDECAR_INBOUND',
      'SIDECAR_OUTBOUND',
      'GATEWAY',
      'WAYPOINT',
    ),
    proxy: object({ proxyVersion: string(), metadata: map(string()) }),
    listener: listenerShape,
    routeConfiguration: routeConfigurationShape,
    cluster: object({ portNumber: uint32(), service: string(), subset: string(), name: string() }),
    waypoint: object({
      portNumber: uint32({ rules: [PORT_RULE] }),
      filter: filterShape,
      route: object({ name: string() }),
    }),
  },
  {
    oneOf: [['listener', 'routeConfiguration', 'cluster', 'waypoint']],
    rules: [WAYPOINT_MATCH_RULE],
  },
);

const configPatchShape = object({
  applyTo: protoEnum(
    `${PACKAGE}.ApplyTo`,
    'INVALID',
    'LISTENER',
    'FILTER_CHAIN',
    'NETWORK_FILTER',
    'HTTP_FILTER',
    'ROUTE_CONFIGURATION',
    'VIRTUAL_HOST',
    'HTTP_ROUTE',
    'CLUSTER',
    'EXTENSION_CONFIG',
    'BOOTSTRAP',
    'LISTENER_FILTER',
  ),
  match: matchShape,
  patch: object({
    operation: protoEnum(
      `${PACKAGE}.Patch.Operation`,
      'INVALID',
      'MERGE',
      'ADD',
      'REMOVE',
      'INSERT_BEFORE',
      'INSERT_AFTER',
      'INSERT_FIRST',
      'REPLACE',
      'MERGE_AND_REPLACE_LIST',
    ),
    value: openObject({}),
    filterClass: protoEnum(
      `${PACKAGE}.Patch.FilterClass`,
      'UNSPECIFIED',
      'AUTHN',
      'AUTHZ',
      'STATS',
    ),
  }),
});
export type EnvoyConfigPatch = Infer<typeof configPatchShape>;

/** @source istio.io/api: networking/v1alpha3/envoy_filter.proto, EnvoyFilter */
export const envoyFilterShape = object(
  {
    workloadSelector: workloadSelectorShape,
    targetRefs: list(targetRefShape, { maxItems: 16 }),
    configPatches: list(configPatchShape),
    priority: int32(),
  },
  { rules: [TARGET_OR_WORKLOAD_RULE] },
);
