import {
  enumeration,
  type Infer,
  int32,
  list,
  map,
  object,
  optional,
  string,
} from '#source/shape.ts';
import {
  localObjectReferenceShape,
  objectReferenceShape,
  secretObjectReferenceShape,
} from './references.ts';

const labelSelectorShape = object({
  matchLabels: map(string()),
  matchExpressions: list(object({ key: string(), operator: string(), values: list(string()) })),
});
export type LabelSelector = Infer<typeof labelSelectorShape>;

const allowedRoutesShape = object({
  namespaces: object({
    from: optional(enumeration('All', 'Selector', 'Same')),
    selector: labelSelectorShape,
  }),
  kinds: list(object({ group: optional(string()), kind: string() })),
});
export type AllowedRoutes = Infer<typeof allowedRoutesShape>;

const listenerTlsShape = object({
  mode: optional(enumeration('Terminate', 'Passthrough')),
  certificateRefs: list(secretObjectReferenceShape),
  options: map(string()),
});
export type ListenerTls = Infer<typeof listenerTlsShape>;

const listenerShape = object({
  name: string(),
  hostname: optional(string()),
  port: int32(),
  protocol: string(),
  tls: listenerTlsShape,
  allowedRoutes: allowedRoutesShape,
});
export type Listener = Infer<typeof listenerShape>;

const frontendTlsShape = object({
  validation: object({
    caCertificateRefs: list(objectReferenceShape),
    mode: optional(enumeration('AllowValidOnly', 'AllowInsecureFallback')),
  }),
});
export type FrontendTls = Infer<typeof frontendTlsShape>;

/** @source gateway-api: apis/v1/gateway_types.go, GatewaySpec */
export const kubernetesGatewayShape = object({
  gatewayClassName: string(),
  listeners: list(listenerShape),
  addresses: list(object({ type: optional(string()), value: string() })),
  infrastructure: object({
    labels: map(string()),
    annotations: map(string()),
    parametersRef: localObjectReferenceShape,
  }),
  allowedListeners: object({
    namespaces: object({
      from: optional(enumeration('All', 'Selector', 'Same', 'None')),
      selector: labelSelectorShape,
    }),
  }),
  tls: object({
    backend: object({ clientCertificateRef: secretObjectReferenceShape }),
    frontend: object({
      default: frontendTlsShape,
      perPort: list(object({ port: int32(), tls: frontendTlsShape })),
    }),
  }),
  defaultScope: optional(enumeration('All', 'None')),
});
export type KubernetesGatewaySpec = Infer<typeof kubernetesGatewayShape>;

/** @source gateway-api: apis/v1/gatewayclass_types.go, GatewayClassSpec */
export const gatewayClassShape = object({
  controllerName: string(),
  parametersRef: object({
    group: string(),
    kind: string(),
    name: string(),
    namespace: optional(string()),
  }),
  description: optional(string()),
});
export type GatewayClassSpec = Infer<typeof gatewayClassShape>;
