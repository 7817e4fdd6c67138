import { selectVirtualHost } from '#envoy/router/route-configuration.ts';
import type { VectorAdapter } from './adapter.ts';
import { compiled } from './support/routes.ts';

interface Vector {
  readonly virtual_hosts: Readonly<Record<string, readonly string[]>>;
  readonly host: string;
  readonly ignore_port: boolean;
}

export const run: VectorAdapter = ({ virtual_hosts, host, ignore_port }: Vector) => {
  const configuration = compiled({
    virtual_hosts: Object.entries(virtual_hosts).map(([name, domains]) => ({ name, domains })),
    ignore_port_in_host_matching: ignore_port,
  });
  return { expect: selectVirtualHost(configuration, host)?.name ?? null };
};
