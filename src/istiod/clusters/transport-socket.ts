import type { ClientTlsSettings } from '#config/istio/destination-rule.ts';
import type { Cluster, DiscoveryType, TransportSocketMatch } from '#xds/cluster.ts';
import type { MutualTlsMode } from '../model/peer-authentication.ts';
import {
  istioMutualContext,
  tlsSocket,
  type UpstreamTlsInput,
  userTlsContext,
} from './upstream-tls.ts';

/** What decides how a cluster speaks TLS. */
export interface TransportInput extends Omit<UpstreamTlsInput, 'settings'> {
  /** The rule's `tls` block. */
  readonly settings: ClientTlsSettings | undefined;
  readonly isAutoMtlsEnabled: boolean;
  readonly isMeshExternal: boolean;
  /** What namespace and mesh demand of the service's workloads. */
  readonly serviceMode: MutualTlsMode;
  readonly isSidecar: boolean;
  /** The rule names the workloads that it is for. */
  readonly hasWorkloadSelector: boolean;
  readonly type: DiscoveryType | undefined;
  readonly setsSniFromHost: boolean;
  /** The cluster resolves the names that requests ask for. */
  readonly isDynamicForwardProxy?: boolean;
}

export interface TransportParts {
  readonly transportSocket?: NonNullable<Cluster['transportSocket']>;
  readonly transportSocketMatches?: NonNullable<Cluster['transportSocketMatches']>;
  /** Whether the SNI and the names to verify are taken from the request's Host. */
  readonly autoSni: boolean;
  readonly autoSanValidation: boolean;
}

const NOTHING_RULED = { sni: '', subjectAltNames: [], insecureSkipVerify: false };

const PLAINTEXT: TransportParts = { autoSni: false, autoSanValidation: false };

/**
 * The transport sockets of an outbound cluster: what the rule says, else mTLS to every endpoint that
 * has a sidecar (automatic mTLS).
 *
 * @source istio: pilot/pkg/networking/core/cluster_tls.go, buildUpstreamTLSSettings, applyUpstreamTLSSettings
 */
export function transportParts(input: TransportInput): TransportParts {
  if (input.settings !== undefined) return ruledTransport(input, input.settings);
  const isAutomatic =
    input.isAutoMtlsEnabled &&
    !input.isMeshExternal &&
    input.serviceMode !== 'UNKNOWN' &&
    input.serviceMode !== 'DISABLE';
  if (!isAutomatic) return PLAINTEXT;
  const transportSocket = tlsSocket(istioMutualContext(input, NOTHING_RULED));
  // The address of an ORIGINAL_DST host carries no metadata to match on.
  const names = mutualNames(input, NOTHING_RULED);
  if (input.type === 'ORIGINAL_DST') return { ...names, transportSocket };
  const matches: TransportSocketMatch[] = [
    { name: 'tlsMode-istio', match: { tlsMode: 'istio' }, transportSocket },
    PLAINTEXT_MATCH,
  ];
  return { ...names, transportSocketMatches: matches };
}

function ruledTransport(input: TransportInput, settings: ClientTlsSettings): TransportParts {
  switch (settings.mode) {
    case 'ISTIO_MUTUAL':
      return {
        ...mutualNames(input, settings),
        transportSocket: tlsSocket(istioMutualContext(input, settings)),
      };
    case 'SIMPLE':
    case 'MUTUAL':
      return userTransport(input, settings);
    default:
      return PLAINTEXT;
  }
}

function userTransport(input: TransportInput, settings: ClientTlsSettings): TransportParts {
  // Secrets are only handed to sidecars that a rule names, lest all of them wait for it.
  const isSecret =
    settings.credentialName !== '' && !settings.credentialName.startsWith('configmap://');
  if (isSecret && input.isSidecar && !input.hasWorkloadSelector) return PLAINTEXT;
  const context = userTlsContext({ ...input, settings });
  return {
    ...(input.setsSniFromHost ? namesFromHost(input, settings) : PLAINTEXT),
    ...(context === undefined ? {} : { transportSocket: tlsSocket(context) }),
  };
}

type NamesRuled = Pick<ClientTlsSettings, 'sni' | 'subjectAltNames' | 'insecureSkipVerify'>;

/** Sidecars know each other by their identities, hosts that are resolved late by their names. */
function mutualNames(input: TransportInput, ruled: NamesRuled): TransportParts {
  return input.isDynamicForwardProxy ? namesFromHost(input, ruled) : PLAINTEXT;
}

/** @source istio: pilot/pkg/networking/core/cluster_tls.go, setAutoSniAndAutoSanValidation */
function namesFromHost(
  { isDynamicForwardProxy = false }: TransportInput,
  { sni, subjectAltNames, insecureSkipVerify }: NamesRuled,
): TransportParts {
  const autoSni = !sni;
  const autoSanValidation =
    (isDynamicForwardProxy || (autoSni && subjectAltNames.length === 0)) && !insecureSkipVerify;
  return { autoSni, autoSanValidation };
}

/** Endpoints without a sidecar. */
const PLAINTEXT_MATCH: TransportSocketMatch = {
  name: 'tlsMode-disabled',
  match: {},
  transportSocket: {
    name: 'envoy.transport_sockets.raw_buffer',
    typedConfig: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
    },
  },
};
