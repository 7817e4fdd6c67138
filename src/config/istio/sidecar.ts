import { type Infer, list, object, protoEnum, string, uint32 } from '#source/shape.ts';
import { connectionPoolShape } from './destination-rule.ts';
import { serverTlsSettingsShape } from './gateway.ts';
import { destinationShape, workloadSelectorShape } from './shared-shapes.ts';

const sidecarPortShape = object({
  number: uint32(),
  protocol: string(),
  name: string(),
  targetPort: uint32(),
});

const ingressShape = object(
  {
    port: sidecarPortShape,
    bind: string(),
    captureMode: protoEnum('istio.networking.v1alpha3.CaptureMode', 'DEFAULT', 'IPTABLES', 'NONE'),
    defaultEndpoint: string(),
    tls: serverTlsSettingsShape,
    connectionPool: connectionPoolShape,
  },
  { required: ['port'] },
);
export type IstioIngressListener = Infer<typeof ingressShape>;

const egressShape = object(
  {
    port: sidecarPortShape,
    bind: string(),
    captureMode: protoEnum('istio.networking.v1alpha3.CaptureMode', 'DEFAULT', 'IPTABLES', 'NONE'),
    hosts: list(string()),
  },
  { required: ['hosts'] },
);
export type IstioEgressListener = Infer<typeof egressShape>;

/** @source istio.io/api: networking/v1alpha3/sidecar.proto, Sidecar */
export const sidecarShape = object({
  workloadSelector: workloadSelectorShape,
  ingress: list(ingressShape),
  egress: list(egressShape),
  inboundConnectionPool: connectionPoolShape,
  outboundTrafficPolicy: object({
    mode: protoEnum(
      'istio.networking.v1alpha3.OutboundTrafficPolicy.Mode',
      'REGISTRY_ONLY',
      'ALLOW_ANY',
    ),
    egressProxy: destinationShape,
  }),
});
export type SidecarSpec = Infer<typeof sidecarShape>;
