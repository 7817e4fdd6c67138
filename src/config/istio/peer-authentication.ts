import { type Infer, numberMap, object, protoEnum } from '#source/shape.ts';
import { PORT_KEY_RULE, PORT_LEVEL_MTLS_RULE } from './cel-rules.ts';
import { policySelectorShape } from './shared-shapes.ts';

const mutualTlsShape = object({
  mode: protoEnum(
    'istio.security.v1beta1.PeerAuthentication.MutualTLS.Mode',
    'UNSET',
    'DISABLE',
    'PERMISSIVE',
    'STRICT',
  ),
});
export type MutualTlsMode = Infer<typeof mutualTlsShape>['mode'];

/** @source istio.io/api: security/v1beta1/peer_authentication.proto, PeerAuthentication */
export const peerAuthenticationShape = object(
  {
    selector: policySelectorShape,
    mtls: mutualTlsShape,
    /** By workload port. */
    portLevelMtls: numberMap(mutualTlsShape, { minProperties: 1, rules: [PORT_KEY_RULE] }),
  },
  { rules: [PORT_LEVEL_MTLS_RULE] },
);
export type PeerAuthenticationSpec = Infer<typeof peerAuthenticationShape>;
