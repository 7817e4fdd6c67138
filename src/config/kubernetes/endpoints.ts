import {
  boolean,
  type Infer,
  int32,
  list,
  openObject,
  optional,
  string,
  wrapped,
} from '#source/shape.ts';

const targetRefShape = openObject({ kind: string(), name: string(), namespace: string() });

const endpointPortShape = openObject({
  name: string(),
  protocol: string(),
  appProtocol: optional(string()),
  port: wrapped(int32()),
});
export type EndpointPort = Infer<typeof endpointPortShape>;

const endpointShape = openObject({
  addresses: list(string()),
  /** `ready: null` and no conditions at all mean ready. */
  conditions: openObject({
    ready: wrapped(boolean()),
    serving: wrapped(boolean()),
    terminating: wrapped(boolean()),
  }),
  hostname: optional(string()),
  nodeName: optional(string()),
  zone: optional(string()),
  targetRef: targetRefShape,
  hints: openObject({ forZones: list(openObject({ name: string() })) }),
});
export type Endpoint = Infer<typeof endpointShape>;

/** The object itself: an EndpointSlice has no `spec`. @source kubernetes: api/discovery/v1/types.go */
export const endpointSliceShape = openObject({
  addressType: string(),
  endpoints: list(endpointShape),
  ports: list(endpointPortShape),
});
export type EndpointSliceSpec = Infer<typeof endpointSliceShape>;

const endpointAddressShape = openObject({
  ip: string(),
  hostname: string(),
  nodeName: optional(string()),
  targetRef: targetRefShape,
});
export type EndpointAddress = Infer<typeof endpointAddressShape>;

/** The object itself: Endpoints have no `spec`. @source kubernetes: api/core/v1/types.go, Endpoints */
export const endpointsShape = openObject({
  subsets: list(
    openObject({
      addresses: list(endpointAddressShape),
      notReadyAddresses: list(endpointAddressShape),
      ports: list(endpointPortShape),
    }),
  ),
});
export type EndpointsSpec = Infer<typeof endpointsShape>;
