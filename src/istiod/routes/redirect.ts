import type { HttpRedirect } from '#config/istio/virtual-service.ts';
import type { RedirectAction } from '#xds/route.ts';

/**
 * A redirect to the caller; undefined for a code that Envoy does not know, which leaves the route
 * without any action.
 *
 * @source istio: pilot/pkg/networking/core/route/route.go, ApplyRedirect
 */
export function buildRedirect(
  redirect: HttpRedirect,
  listenPort: number,
  isTls: boolean,
): RedirectAction | undefined {
  const code = redirect.redirectCode;
  const responseCode = RESPONSE_CODES.get(code);
  if (responseCode === undefined && code !== 0 && code !== 301) return undefined;
  const portRedirect = redirectPort(redirect, listenPort, isTls);
  const { authority, scheme, prefixRewrite, uri } = redirect;
  return {
    ...(authority === '' ? {} : { hostRedirect: authority }),
    ...(prefixRewrite === '' ? { pathRedirect: uri } : { prefixRewrite }),
    ...(scheme === '' ? {} : { schemeRedirect: scheme }),
    ...(portRedirect === 0 ? {} : { portRedirect }),
    ...(responseCode === undefined ? {} : { responseCode }),
  };
}

const RESPONSE_CODES: ReadonlyMap<number, RedirectAction['responseCode']> = new Map([
  [302, 'FOUND'],
  [303, 'SEE_OTHER'],
  [307, 'TEMPORARY_REDIRECT'],
  [308, 'PERMANENT_REDIRECT'],
]);

/** 0 = none is written: the scheme's own port needs no mention. */
function redirectPort(redirect: HttpRedirect, listenPort: number, isTls: boolean): number {
  const derived = redirect.derivePort === 'FROM_REQUEST_PORT' ? listenPort : 0;
  const port = redirect.port ?? derived;
  const scheme = redirect.scheme || (isTls ? 'https' : 'http');
  const isDefault = (port === 80 && scheme === 'http') || (port === 443 && scheme === 'https');
  return isDefault ? 0 : port;
}
