import { HashPolicies } from '#envoy/router/hash-policy.ts';
import { printUint64 } from '#kernel/uint64.ts';
import type { HashPolicy } from '#xds/route.ts';
import type { VectorAdapter } from './adapter.ts';
import { requestOf } from './support/routes.ts';

interface Policy {
  readonly kind: 'header' | 'cookie' | 'query' | 'source_ip';
  readonly name: string;
  readonly terminal?: boolean;
}

interface Vector {
  readonly policies: readonly Policy[];
  readonly headers: readonly (readonly [string, string])[];
  readonly path: string;
  readonly source_ip: string;
}

export const run: VectorAdapter = ({ policies, headers, path, source_ip }: Vector) => {
  const { hash } = new HashPolicies(policies.map(hashPolicyOf), () => {}).hash(
    requestOf({ path, headers }),
    { remoteAddress: `${source_ip}:40000`, localAddress: '10.9.9.9:80' },
  );
  return { hash: hash === undefined ? null : printUint64(hash) };
};

function hashPolicyOf({ kind, name, terminal = false }: Policy): HashPolicy {
  switch (kind) {
    case 'header':
      return { terminal, header: { headerName: name } };
    case 'cookie':
      return { terminal, cookie: { name } };
    case 'query':
      return { terminal, queryParameter: { name } };
    case 'source_ip':
      return { terminal, connectionProperties: { sourceIp: true } };
  }
}
