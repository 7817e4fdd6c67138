import { describe, expect, it } from 'vitest';
import {
  answers,
  ask,
  called,
  deployment,
  destinationRule,
  gateway,
  SUBSETS,
  service,
  virtualService,
} from './ask.ts';

const ALL = 'route: [{destination: {host: b}}]';
const through = { through: 'istio-ingressgateway' };
const HTTP_GATEWAY = gateway('{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}');

describe('routing and naming', () => {
  it('R1: a subset that no DestinationRule defines: 503 NC, and no attempt', () => {
    const mesh = virtualService(
      '{hosts: [b], http: [{route: [{destination: {host: b, subset: v2}}]}]}',
    );
    const { kinds, served } = ask({ mesh });
    expect(kinds).toBe('503 NC');
    expect(served.size).toBe(0);
  });

  it('R2: a DestinationRule deleted before its VirtualService: 503 NC from then on', () => {
    const mesh =
      SUBSETS +
      virtualService('{hosts: [b], http: [{route: [{destination: {host: b, subset: v2}}]}]}');
    const { kinds } = ask({
      mesh,
      client: { load: { rate: '10/s', arrivals: 'constant' } },
      scenario: {
        duration: '4s',
        push: { delay: 0 },
        timeline: [{ at: '2s', delete: 'DestinationRule/ns/subsets' }],
      },
    });
    expect(kinds).toBe('200, 503 NC');
  });

  it('R3: a subset whose labels select no pod: 503 UH', () => {
    const mesh =
      destinationRule('{host: b, subsets: [{name: v9, labels: {version: v9}}]}') +
      virtualService('{hosts: [b], http: [{route: [{destination: {host: b, subset: v9}}]}]}');
    expect(answers({ mesh })).toBe('503 UH');
  });

  it('R4: a lone destination gets everything, though its weight is 0', () => {
    const mesh = virtualService(
      '{hosts: [b], http: [{route: [{destination: {host: c, port: {number: 8080}}, weight: 0}]}]}',
    );
    expect(ask({ mesh }).served).toEqual(new Map([['c', 20]]));
  });

  it('R5: two weights of 0 are refused', () => {
    const mesh = virtualService(
      '{hosts: [b], http: [{route: [{destination: {host: b}, weight: 0}, {destination: {host: c}, weight: 0}]}]}',
    );
    expect(() => ask({ mesh })).toThrow('total destination weight = 0');
  });

  it('R6: weights are shares of their sum, which need not be 100', () => {
    const mesh =
      SUBSETS +
      virtualService(
        '{hosts: [b], http: [{route: [{destination: {host: b, subset: v1}, weight: 10}, {destination: {host: b, subset: v2}, weight: 10}, {destination: {host: c, port: {number: 8080}}, weight: 10}]}]}',
      );
    const { served } = ask({ mesh, count: 900 });
    for (const name of ['b-v1', 'b-v2', 'c']) {
      expect(served.get(name)).toBeGreaterThan(240);
      expect(served.get(name)).toBeLessThan(360);
    }
  });

  it('R7: a short name means the namespace of the VirtualService, not of the service', () => {
    const mesh = virtualService(
      '{hosts: [b], http: [{directResponse: {status: 418}}]}',
      'config/vs',
    );
    expect(answers({ mesh })).toBe('200');
  });

  it('R8: the same for destinations: 503 NC at the gateway', () => {
    const mesh =
      HTTP_GATEWAY +
      virtualService(
        '{hosts: [x.com], gateways: [ns/gw], http: [{route: [{destination: {host: b}}]}]}',
        'config/vs',
      );
    expect(answers({ mesh, request: 'GET http://x.com/', client: through })).toBe('503 NC');
  });

  it('R9: a host of two labels is not completed: no rule for the service, no cluster to send to', () => {
    const rule = destinationRule(
      '{host: b.ns, trafficPolicy: {connectionPool: {http: {maxRetries: 7}}}}',
    );
    expect(answers({ mesh: rule })).toBe('200');
    const to = virtualService('{hosts: [b], http: [{route: [{destination: {host: b.ns}}]}]}');
    expect(answers({ mesh: to })).toBe('503 NC');
    const spelt = virtualService('{hosts: [b.ns], http: [{directResponse: {status: 418}}]}');
    expect(answers({ mesh: spelt, request: 'GET http://b.ns/' })).toBe('418');
    expect(answers({ mesh: spelt, request: 'GET http://b/' })).toBe('200');
  });

  it('R10: a destination without port has the port of the listener', () => {
    const mesh =
      service('r', '{app: c}', '{name: http, port: 9080, targetPort: 8080}') +
      virtualService('{hosts: [r], http: [{route: [{destination: {host: c}}]}]}');
    expect(answers({ mesh, request: 'GET http://r:9080/' })).toBe('503 NC');
    const { routing } = called(mesh, 'web', { url: 'http://r:9080/' });
    expect(routing?.outcome).toMatchObject({
      to: [{ cluster: 'outbound|9080||c.ns.svc.cluster.local' }],
    });
  });

  it('R11: at a gateway, of a service with several ports, that of the server', () => {
    const mesh =
      HTTP_GATEWAY +
      virtualService(
        '{hosts: [x.com], gateways: [gw], http: [{route: [{destination: {host: multi}}]}]}',
      );
    expect(answers({ mesh, request: 'GET http://x.com/', client: through })).toBe('503 NC');
  });

  it('R12: of a service with one port that one, whatever the server has', () => {
    const mesh =
      HTTP_GATEWAY +
      virtualService(
        '{hosts: [x.com], gateways: [gw], http: [{route: [{destination: {host: c}}]}]}',
      );
    expect(answers({ mesh, request: 'GET http://x.com/', client: through })).toBe('200');
  });

  it('R13: a destination’s port is the Service’s, never the target port', () => {
    const mesh = virtualService(
      '{hosts: [b], http: [{route: [{destination: {host: b, port: {number: 8080}}}]}]}',
    );
    expect(answers({ mesh })).toBe('503 NC');
  });

  it('R14: a VirtualService for a gateway alone is none for the mesh', () => {
    const mesh =
      HTTP_GATEWAY +
      virtualService('{hosts: [b], gateways: [ns/gw], http: [{directResponse: {status: 418}}]}');
    expect(answers({ mesh })).toBe('200');
  });

  const OLDER = 'creationTimestamp: "2026-01-01T00:00:00Z"';
  const NEWER = 'creationTimestamp: "2026-02-01T00:00:00Z"';
  const two = (gateways: string, host: string) =>
    virtualService(
      `{hosts: [${host}], gateways: [${gateways}], http: [{match: [{uri: {prefix: /a}}], directResponse: {status: 418}}, {match: [{uri: {prefix: /b}}], directResponse: {status: 419}}]}`,
      'older',
      OLDER,
    ) +
    virtualService(
      `{hosts: [${host}], gateways: [${gateways}], http: [{match: [{uri: {prefix: /b}}], directResponse: {status: 420}}, {match: [{uri: {prefix: /c}}], directResponse: {status: 421}}]}`,
      'newer',
      NEWER,
    );

  it('R15: of two VirtualServices for one host in the mesh only the older is used', () => {
    const mesh = two('mesh', 'b');
    expect(answers({ mesh, request: 'GET http://b/a' })).toBe('418');
    expect(answers({ mesh, request: 'GET http://b/c' })).toBe('404 NR');
  });

  it('R16: on a gateway they are merged, the older first', () => {
    const mesh = HTTP_GATEWAY + two('gw', 'x.com');
    const at = (path: string) =>
      answers({ mesh, request: `GET http://x.com${path}`, client: through });
    expect([at('/a'), at('/b'), at('/c')]).toEqual(['418', '419', '421']);
  });

  it('R17: what no rule matches does not fall through to the service: 404 NR', () => {
    const mesh = virtualService(`{hosts: [b], http: [{match: [{uri: {prefix: /api}}], ${ALL}}]}`);
    expect(answers({ mesh, request: 'GET http://b/health' })).toBe('404 NR');
  });

  it('R18: a rule without match ends the list', () => {
    const mesh = virtualService(
      `{hosts: [b], http: [{${ALL}}, {match: [{uri: {prefix: /x}}], directResponse: {status: 418}}]}`,
    );
    expect(answers({ mesh, request: 'GET http://b/x' })).toBe('200');
  });

  it('R19: a prefix is a prefix of the text', () => {
    const mesh = virtualService(
      '{hosts: [b], http: [{match: [{uri: {prefix: /api}}], directResponse: {status: 418}}]}',
    );
    expect(answers({ mesh, request: 'GET http://b/apiary' })).toBe('418');
  });

  it('R20, R21: a rewrite replaces the matched prefix literally; without match that is /', () => {
    const rewritten = (match: string, uri: string, path: string) => {
      const mesh = virtualService(
        `{hosts: [b], http: [{${match} rewrite: {uri: ${uri}}, ${ALL}}]}`,
      );
      const { routing } = called(mesh, 'web', { url: `http://b${path}` });
      const outcome = routing?.outcome;
      return outcome?.kind === 'forward' ? outcome.to[0]?.request.path : outcome?.kind;
    };
    expect(rewritten('match: [{uri: {prefix: /api}}],', '/', '/api/x')).toBe('//x');
    expect(rewritten('match: [{uri: {prefix: /api/}}],', '/', '/api/x')).toBe('/x');
    expect(rewritten('', '/v1', '/x')).toBe('/v1x');
  });

  it('R22: sourceLabels beside gateways are not looked at', () => {
    const mesh = virtualService(
      '{hosts: [b], http: [{match: [{gateways: [mesh], sourceLabels: {app: nobody}}], directResponse: {status: 418}}]}',
    );
    expect(answers({ mesh })).toBe('418');
  });

  it('R23: a match on another port than the listener’s is left out', () => {
    const mesh = virtualService(
      '{hosts: [b], http: [{match: [{port: 443}], directResponse: {status: 418}}]}',
    );
    expect(answers({ mesh })).toBe('200');
    const other = virtualService(
      `{hosts: [b], http: [{match: [{port: 443}], directResponse: {status: 418}}, {match: [{uri: {prefix: /a}}], ${ALL}}]}`,
    );
    expect(answers({ mesh: other })).toBe('404 NR');
  });

  it('R24: a regular expression matches the whole path', () => {
    const mesh = virtualService(
      `{hosts: [b], http: [{match: [{uri: {regex: /foo}}], directResponse: {status: 418}}, {${ALL}}]}`,
    );
    expect(answers({ mesh, request: 'GET http://b/foo/bar' })).toBe('200');
    expect(answers({ mesh, request: 'GET http://b/foo?x=1' })).toBe('418');
  });

  it('R25: a VirtualService for a host that no ServiceEntry has counts on port 80 alone', () => {
    const mesh = virtualService(
      '{hosts: [ext.example.com], http: [{directResponse: {status: 418}}]}',
    );
    expect(answers({ mesh, request: 'GET http://ext.example.com/' })).toBe('418');
    expect(answers({ mesh, request: 'GET http://ext.example.com:8080/' })).toBe('200');
  });

  it('R26: http rules of a port that carries TLS or TCP are not looked at', () => {
    const mesh =
      service('opaque', '{app: c}', '{name: tcp-x, port: 7000, targetPort: 8080}') +
      virtualService('{hosts: [opaque], http: [{directResponse: {status: 418}}]}');
    expect(answers({ mesh, request: 'GET http://opaque:7000/' })).toBe('200');
  });

  it('R27: a delegate that is not exported to the root’s namespace takes its route away', () => {
    const mesh =
      virtualService(
        '{hosts: [b], http: [{match: [{uri: {prefix: /a}}], delegate: {name: d, namespace: other}}]}',
      ) + virtualService('{exportTo: ["."], http: [{directResponse: {status: 418}}]}', 'other/d');
    expect(answers({ mesh, request: 'GET http://b/a' })).toBe('200');
    const exported = mesh.replace('exportTo: ["."]', 'exportTo: ["*"]');
    expect(answers({ mesh: exported, request: 'GET http://b/a' })).toBe('418');
  });

  it('R28: a delegate’s match that conflicts with its root’s is dropped', () => {
    const mesh =
      virtualService(
        `{hosts: [b], http: [{match: [{uri: {prefix: /a}}], delegate: {name: d}}, {${ALL}}]}`,
      ) +
      virtualService(
        '{http: [{match: [{uri: {prefix: /b}}], directResponse: {status: 418}}]}',
        'd',
      );
    expect(answers({ mesh, request: 'GET http://b/b' })).toBe('200');
  });

  it('R29: every spelling of a service leads to its virtual host, the bare name only in its namespace', () => {
    const mesh = virtualService(
      '{hosts: [b], exportTo: ["*"], http: [{directResponse: {status: 418}}]}',
    );
    for (const host of ['b', 'b.ns', 'b.ns.svc', 'b.ns.svc.cluster.local', 'b:80'])
      expect(answers({ mesh, request: `GET http://${host}/` }), host).toBe('418');
    const far = deployment('far/far', 'app: far');
    const client = { from: 'far/far' };
    const fromFar = { mesh: mesh + far, client };
    expect(answers({ ...fromFar, request: 'GET http://b.ns/' })).toBe('418');
    expect(answers({ ...fromFar, request: 'GET http://b/' })).not.toBe('418');
  });

  it('R30: a request passes one VirtualService, that of its Host', () => {
    const mesh =
      HTTP_GATEWAY +
      virtualService(
        '{hosts: [x.com], gateways: [gw], http: [{route: [{destination: {host: b}}]}]}',
      ) +
      virtualService(
        '{hosts: [b], gateways: [mesh, gw], http: [{directResponse: {status: 418}}]}',
        'of-b',
      );
    expect(answers({ mesh, request: 'GET http://x.com/', client: through })).toBe('200');
  });

  it('R31: the policy of a subset that nobody routes to is never used', () => {
    const mesh = destinationRule(
      '{host: b, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {connectionPool: {http: {http2MaxRequests: 1}}}}]}',
    );
    const { kinds } = ask({ mesh, client: { load: { concurrency: 5, requests: 50 } } });
    expect(kinds).toBe('200');
  });

  it('R32: a change reaches each proxy at a moment of its own', () => {
    const mesh = deployment('web2', 'app: web2');
    const { result } = ask({
      mesh,
      client: { load: { rate: '100/s' } },
      scenario: {
        duration: '4s',
        clients: {
          load: { from: 'ns/web', request: 'GET http://b/', load: { rate: '100/s' } },
          more: { from: 'ns/web2', request: 'GET http://b/', load: { rate: '100/s' } },
        },
        timeline: [
          {
            at: '1s',
            apply: {
              apiVersion: 'networking.istio.io/v1',
              kind: 'VirtualService',
              metadata: { name: 'vs', namespace: 'ns' },
              spec: { hosts: ['b'], http: [{ directResponse: { status: 418 } }] },
            },
          },
        ],
      },
    });
    const pushes = result.events.filter(({ kind }) => kind === 'push').map(({ atNs }) => atNs);
    expect(new Set(pushes).size).toBeGreaterThan(1);
    for (const atNs of pushes) expect(atNs).toBeGreaterThan(1.1e9);
  });
});

describe('gateways', () => {
  const at = (mesh: string, request = 'GET http://x.com/', rest: object = {}) =>
    answers({ mesh, request, client: { ...through, ...rest } });
  const bound = (spec = '', path = 'vs', host = 'x.com') =>
    virtualService(
      `{hosts: [${host}], gateways: [${spec || 'gw'}], http: [{${ALL.replace('host: b', 'host: b.ns.svc.cluster.local')}}]}`,
      path,
    );

  it('G1: a host that the Gateway does not cover: 404 NR', () => {
    const mesh =
      gateway('{port: {number: 80, name: http, protocol: HTTP}, hosts: [y.com]}') + bound();
    expect(at(mesh)).toBe('404 NR');
  });
  it('G2: a Gateway without VirtualService: 404 NR', () => {
    expect(at(HTTP_GATEWAY)).toBe('404 NR');
  });
  it('G3: a port without server: refused', () => {
    expect(at(HTTP_GATEWAY + bound(), 'GET http://x.com:81/')).toBe('0 UF');
  });
  const TLS = (name: string, host: string, path = 'gw') =>
    gateway(
      `{port: {number: 443, name: ${name}, protocol: HTTPS}, hosts: ["${host}"], tls: {mode: SIMPLE, credentialName: cred}}`,
      path,
    );
  it('G4: an SNI that no server has: the connection is closed', () => {
    const mesh = TLS('https', 'x.com') + bound();
    expect(at(mesh, 'GET https://x.com/')).toBe('200');
    expect(at(mesh, 'GET https://y.com/')).toBe('0 UF');
  });
  it('G6: a namespace before a host admits VirtualServices of that namespace alone', () => {
    const mesh = gateway('{port: {number: 80, name: http, protocol: HTTP}, hosts: ["prod/*.com"]}');
    expect(at(mesh + bound('ns/gw', 'dev/vs'))).toBe('404 NR');
    expect(at(mesh + bound('ns/gw', 'prod/vs'))).toBe('200');
  });
  it('G7: a bare Gateway name means the namespace of the VirtualService', () => {
    expect(at(HTTP_GATEWAY + bound('gw', 'other/vs'))).toBe('404 NR');
    expect(at(HTTP_GATEWAY + bound('ns/gw', 'other/vs'))).toBe('200');
  });
  it('G8: of two servers with one TLS host on one port the newer is left out', () => {
    const first = TLS('https', 'x.com', 'a-gw');
    const second = TLS('https', 'x.com', 'b-gw');
    expect(at(first + second + bound('a-gw'), 'GET https://x.com/')).toBe('200');
    expect(at(first + second + bound('b-gw'), 'GET https://x.com/')).toBe('404 NR');
  });
  it('G5: each HTTPS server has routes of its own: another host over its connection is 404 NR', () => {
    const mesh =
      TLS('https-a', 'a.com', 'a-gw') +
      TLS('https-b', 'b.com', 'b-gw') +
      bound('a-gw', 'a', 'a.com') +
      bound('b-gw', 'b', 'b.com');
    expect(at(mesh, 'GET https://b.com/')).toBe('200');
    const reused = { url: 'https://a.com:8443/', authority: 'b.com' };
    expect(called(mesh, 'istio-ingressgateway', reused).error).toBe('no virtual host matched');
  });
  it('G9: httpsRedirect answers every plain request with 301, whoever has ended TLS before', () => {
    const mesh =
      gateway(
        '{port: {number: 80, name: http, protocol: HTTP}, hosts: [x.com], tls: {httpsRedirect: true}}',
      ) + bound();
    expect(at(mesh)).toBe('301');
  });
  it('G10: a server’s number is a port of the Service, or one of the pods', () => {
    for (const number of [80, 8080]) {
      const mesh =
        gateway(`{port: {number: ${number}, name: http, protocol: HTTP}, hosts: ["*"]}`) + bound();
      expect(at(mesh), `${number}`).toBe('200');
    }
  });
  it('G11: the root namespace’s own public rule comes after the service’s for gateways that live there', () => {
    const limit = (requests: number, path: string) =>
      destinationRule(
        `{host: b.ns.svc.cluster.local, trafficPolicy: {connectionPool: {http: {http2MaxRequests: ${requests}}}}}`,
        path,
      );
    const mesh = HTTP_GATEWAY + bound() + limit(1, 'istio-system/dr') + limit(1000, 'ns/dr');
    expect(at(mesh, 'GET http://x.com/', { load: { concurrency: 6, requests: 60 } })).toBe('200');
  });
  it('G12: PASSTHROUGH needs tls routes: http rules are not looked at', () => {
    const mesh = gateway(
      '{port: {number: 443, name: tls, protocol: TLS}, hosts: [x.com], tls: {mode: PASSTHROUGH}}',
    );
    expect(at(mesh + bound(), 'GET https://x.com/')).toBe('0 UF');
    const tls = virtualService(
      '{hosts: [x.com], gateways: [gw], tls: [{match: [{sniHosts: [x.com]}], route: [{destination: {host: c, port: {number: 8080}}}]}]}',
    );
    expect(at(mesh + tls, 'GET https://x.com/')).toBe('200');
  });
  it('G13: the port of a Host header is not part of the host', () => {
    expect(at(HTTP_GATEWAY + bound(), 'GET http://x.com:8080/')).toBe('200');
  });
});
