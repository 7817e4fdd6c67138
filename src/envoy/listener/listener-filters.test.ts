import { expect, it } from 'vitest';
import type { ListenerFilter } from '#xds/listener.ts';
import { HTTP_INSPECTOR, inspectConnection, TLS_INSPECTOR } from './listener-filters.ts';

const exceptPort80: ListenerFilter[] = [
  { name: TLS_INSPECTOR },
  {
    name: HTTP_INSPECTOR,
    filterDisabled: {
      orMatch: {
        rules: [
          { destinationPortRange: { start: 80, end: 81 } },
          { destinationPortRange: { start: 90, end: 91 } },
        ],
      },
    },
  },
];

it('detects cleartext HTTP by its version, except on ports where the inspector is disabled', () => {
  const detected = (payload: 'http/1.1' | 'h2' | 'tcp', destinationPort: number) =>
    inspectConnection(exceptPort80, { payload, destinationPort, tls: undefined })
      .applicationProtocols;
  expect(detected('http/1.1', 8080)).toEqual(['http/1.1']);
  expect(detected('h2', 8080)).toEqual(['h2c']);
  expect(detected('tcp', 8080)).toEqual([]);
  expect(detected('http/1.1', 80)).toEqual([]);
  expect(detected('http/1.1', 90)).toEqual([]);
});

it('reads SNI and ALPN of a ClientHello only with a TLS inspector', () => {
  const tls = { serverName: 'A.test', alpn: ['h2'] };
  const call = { payload: 'h2', destinationPort: 443, tls } as const;
  expect(inspectConnection(exceptPort80, call)).toEqual({
    serverName: 'a.test',
    transportProtocol: 'tls',
    applicationProtocols: ['h2'],
  });
  expect(inspectConnection([], call).transportProtocol).toBe('raw_buffer');
});
