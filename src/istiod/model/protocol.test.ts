import { describe, expect, it } from 'vitest';
import { kubernetesPortProtocol, parseProtocol } from './protocol.ts';

describe('the protocol of a Kubernetes port', () => {
  it.each([
    [{ port: 80, name: 'http' }, 'HTTP'],
    [{ port: 80, name: 'http2-web' }, 'HTTP2'],
    [{ port: 80, name: 'grpc-web-x' }, 'GRPC-Web'],
    [{ port: 80, name: 'GRPC-x' }, 'GRPC'],
    [{ port: 80, name: 'web' }, 'UnsupportedProtocol'],
    [{ port: 3306, name: 'db' }, 'TCP'],
    [{ port: 3306, name: 'http' }, 'HTTP'],
    [{ port: 80, name: 'http', appProtocol: 'kubernetes.io/h2c' }, 'HTTP2'],
    [{ port: 80, name: 'http', appProtocol: 'tcp' }, 'TCP'],
    [{ port: 80, name: 'http', appProtocol: 'kubernetes.io/wss' }, 'HTTPS'],
    [{ port: 53, name: 'http', protocol: 'UDP' }, 'UDP'],
    [{ port: 80 }, 'UnsupportedProtocol'],
  ])('of %j is %s', (port, expected) => {
    expect(kubernetesPortProtocol(port)).toBe(expected);
  });
});

it('is read without regard to case in Istio resources', () => {
  expect(parseProtocol('grpc-WEB')).toBe('GRPC-Web');
  expect(parseProtocol('')).toBe('UnsupportedProtocol');
});
