/** A kind with its group: `gateway.networking.k8s.io/HTTPRoute`. */
export type ObjectKind = string;

const GATEWAY_API = 'gateway.networking.k8s.io';

export const KUBERNETES_GATEWAY: ObjectKind = `${GATEWAY_API}/Gateway`;
export const LISTENER_SET: ObjectKind = `${GATEWAY_API}/ListenerSet`;
export const HTTP_ROUTE: ObjectKind = `${GATEWAY_API}/HTTPRoute`;
export const GRPC_ROUTE: ObjectKind = `${GATEWAY_API}/GRPCRoute`;
export const TCP_ROUTE: ObjectKind = `${GATEWAY_API}/TCPRoute`;
export const TLS_ROUTE: ObjectKind = `${GATEWAY_API}/TLSRoute`;
export const SERVICE: ObjectKind = '/Service';
export const SECRET: ObjectKind = '/Secret';
export const CONFIG_MAP: ObjectKind = '/ConfigMap';
export const SERVICE_ENTRY: ObjectKind = 'networking.istio.io/ServiceEntry';
export const HOSTNAME: ObjectKind = 'networking.istio.io/Hostname';
export const SERVICE_IMPORT: ObjectKind = 'multicluster.x-k8s.io/ServiceImport';

/**
 * The kind that a reference means; what it leaves out comes from a default.
 *
 * @source istio: pilot/pkg/config/kube/gatewaycommon/references.go, NormalizeReference
 */
export function referencedKind(
  reference: { readonly group: string | undefined; readonly kind: string | undefined },
  otherwise: ObjectKind,
): ObjectKind {
  const slash = otherwise.indexOf('/');
  const group = reference.group ?? otherwise.slice(0, slash);
  return `${group}/${reference.kind ?? otherwise.slice(slash + 1)}`;
}

/** `HTTPRoute` of `gateway.networking.k8s.io/HTTPRoute`. */
export function kindName(kind: ObjectKind): string {
  return kind.slice(kind.indexOf('/') + 1);
}
