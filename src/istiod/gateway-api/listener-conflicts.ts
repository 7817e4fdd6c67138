import type { Listener } from '#config/gateway-api/gateway.ts';

/** Why a listener is not served beside an earlier one; what its status says. */
export type ListenerConflict = 'ProtocolConflict' | 'HostnameConflict';

/**
 * The listeners, by name, that lose to an earlier one of the same gateway. Only listeners that stand
 * block others.
 *
 * @source istio: pilot/pkg/config/kube/gatewaycommon/listener_conflict.go, ComputeGatewayListenerConflicts
 */
export function conflictingListeners(
  listeners: readonly Listener[],
): ReadonlyMap<string, ListenerConflict> {
  const losers = new Map<string, ListenerConflict>();
  const accepted: Listener[] = [];
  for (const listener of listeners) {
    const prior = accepted.find((one) => !areDistinct(listener, one));
    if (prior === undefined) accepted.push(listener);
    else losers.set(listener.name, conflictOf(listener, prior));
  }
  return losers;
}

/** @source istio: the same file, listenerConflictReason */
function conflictOf(a: Listener, b: Listener): ListenerConflict {
  const areLayer4 = isLayer4(a) && isLayer4(b);
  return areLayer4 || a.protocol !== b.protocol ? 'ProtocolConflict' : 'HostnameConflict';
}

/** @source istio: the same file, listenersDistinct */
function areDistinct(a: Listener, b: Listener): boolean {
  if (a.port !== b.port) return true;
  if (isLayer4(a) && isLayer4(b)) return false;
  if ((isLayer4(a) && isHttpLike(b)) || (isHttpLike(a) && isLayer4(b))) return false;
  if (isHttpLike(a) && isHttpLike(b)) return (a.hostname || '*') !== (b.hostname || '*');
  return a.protocol !== b.protocol;
}

function isLayer4({ protocol }: Listener): boolean {
  return protocol === 'TCP' || protocol === 'UDP';
}

function isHttpLike({ protocol }: Listener): boolean {
  return protocol === 'HTTP' || protocol === 'HTTPS' || protocol === 'TLS';
}
