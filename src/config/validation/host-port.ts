interface HostPort {
  readonly host: string;
  readonly port: string;
  readonly problem?: string;
}

/** `host:port`, `[host]:port`, with Go's texts. @source go: src/net/ipsock.go, SplitHostPort */
export function splitHostPort(text: string): HostPort {
  const fail = (why: string): HostPort => ({
    host: '',
    port: '',
    problem: `address ${text}: ${why}`,
  });
  const colon = text.lastIndexOf(':');
  if (colon < 0) return fail('missing port in address');
  let host = text.slice(0, colon);
  let from = 0;
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0) return fail("missing ']' in address");
    if (end + 1 === text.length) return fail('missing port in address');
    if (end + 1 !== colon)
      return fail(text[end + 1] === ':' ? 'too many colons in address' : 'missing port in address');
    host = text.slice(1, end);
    from = end + 1;
  } else if (host.includes(':')) return fail('too many colons in address');
  if (text.indexOf('[', text.startsWith('[') ? 1 : 0) >= 0)
    return fail("unexpected '[' in address");
  if (text.indexOf(']', from) >= 0) return fail("unexpected ']' in address");
  return { host, port: text.slice(colon + 1) };
}
