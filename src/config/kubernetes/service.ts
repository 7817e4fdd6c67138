import {
  boolean,
  type Infer,
  int32,
  intOrString,
  list,
  map,
  openObject,
  optional,
  string,
} from '#source/shape.ts';

const servicePortShape = openObject({
  name: string(),
  protocol: string(),
  appProtocol: optional(string()),
  port: int32(),
  /** A number, or the name of a container port; the same as `port` when not written. */
  targetPort: intOrString(),
  nodePort: int32(),
});
export type ServicePort = Infer<typeof servicePortShape>;

/** @source kubernetes: api/core/v1/types.go, ServiceSpec */
export const serviceShape = openObject({
  type: string(),
  selector: map(string()),
  ports: list(servicePortShape),
  clusterIP: string(),
  clusterIPs: list(string()),
  externalIPs: list(string()),
  externalName: string(),
  publishNotReadyAddresses: boolean(),
  internalTrafficPolicy: optional(string()),
  externalTrafficPolicy: string(),
  trafficDistribution: optional(string()),
  sessionAffinity: string(),
  ipFamilies: list(string()),
  ipFamilyPolicy: optional(string()),
  loadBalancerIP: string(),
});
export type ServiceSpec = Infer<typeof serviceShape>;

export const serviceStatusShape = openObject({
  loadBalancer: openObject({
    ingress: list(openObject({ ip: string(), hostname: string() })),
  }),
});
export type ServiceStatus = Infer<typeof serviceStatusShape>;
