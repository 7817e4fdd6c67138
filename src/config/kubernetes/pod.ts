import {
  anyValue,
  boolean,
  type Infer,
  int32,
  intOrString,
  list,
  map,
  openObject,
  optional,
  string,
  wrapped,
} from '#source/shape.ts';

const probeShape = openObject({
  httpGet: openObject({ path: string(), port: intOrString(), scheme: string() }),
  tcpSocket: openObject({ port: intOrString() }),
  grpc: openObject({ port: int32() }),
  initialDelaySeconds: int32(),
  timeoutSeconds: int32(),
  periodSeconds: int32(),
  successThreshold: int32(),
  failureThreshold: int32(),
});
export type Probe = Infer<typeof probeShape>;

const securityContextShape = openObject({ runAsUser: wrapped(int32()) });

const containerShape = openObject({
  name: string(),
  image: string(),
  args: list(string()),
  env: list(openObject({ name: string(), value: string() })),
  ports: list(
    openObject({
      name: string(),
      containerPort: int32(),
      protocol: string(),
    }),
  ),
  readinessProbe: probeShape,
  livenessProbe: probeShape,
  startupProbe: probeShape,
  lifecycle: openObject({
    preStop: openObject({
      sleep: openObject({ seconds: int32() }),
      exec: openObject({ command: list(string()) }),
    }),
  }),
  resources: openObject({
    limits: map(anyValue()),
    requests: map(anyValue()),
  }),
  restartPolicy: optional(string()),
  securityContext: securityContextShape,
});
export type Container = Infer<typeof containerShape>;

/** @source kubernetes: api/core/v1/types.go, PodSpec */
export const podShape = openObject({
  containers: list(containerShape),
  initContainers: list(containerShape),
  serviceAccountName: string(),
  /** The former name of `serviceAccountName`. */
  serviceAccount: string(),
  nodeName: string(),
  hostname: string(),
  subdomain: string(),
  hostNetwork: boolean(),
  readinessGates: list(openObject({ conditionType: string() })),
  tolerations: list(
    openObject({ key: string(), effect: string(), tolerationSeconds: wrapped(int32()) }),
  ),
  terminationGracePeriodSeconds: wrapped(int32()),
  securityContext: securityContextShape,
});
export type PodSpec = Infer<typeof podShape>;

export const podStatusShape = openObject({
  phase: string(),
  podIP: string(),
  podIPs: list(openObject({ ip: string() })),
  hostIP: string(),
  conditions: list(openObject({ type: string(), status: string() })),
  containerStatuses: list(openObject({ name: string(), ready: boolean(), image: string() })),
});
export type PodStatus = Infer<typeof podStatusShape>;
