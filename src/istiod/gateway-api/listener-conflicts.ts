import type { Listener } from '#config/gateway-api/gateway.ts';

/**
 * The names of the listeners that lose to an earlier one of the same gateway. Only listeners that
 * stand block others.
 *
 * @source istio: pilot/pkg/config/kube/gatewaycommon/listener_conflict.go, ComputeGatewayListenerConflicts
 */
export function conflictingListeners(listeners: readonly Listener[]): ReadonlySet<string> {
  const losers = new Set<string>();
  const accepted: Listener[] = [];
  for (const listener of listeners) {
    if (accepted.some((prior) => !areDistinct(listener, prior))) losers.add(listener.name);
    else accepted.push(listener);
  }
  return losers;
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
