import { describe, expect, it } from 'vitest';
import { analyzeAll } from '#config/analysis/analyze.ts';
import { loadText } from '#config/loader.ts';
import { storeOf } from '#config/resource-store.ts';

/** Two Services with pods of one version, a gateway's pod, and a host outside. */
const AROUND = `
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: ns, labels: {app: web, version: v1}}
spec: {containers: [{name: app}, {name: istio-proxy}]}
---
apiVersion: v1
kind: Pod
metadata: {name: gw-1, namespace: ns, labels: {istio: gw}}
spec: {containers: [{name: istio-proxy}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: ns}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: multi, namespace: ns}
spec: {selector: {app: web}, ports: [{name: http-a, port: 80}, {name: http-b, port: 90}]}
---
apiVersion: v1
kind: Service
metadata: {name: raw, namespace: ns}
spec: {selector: {app: web}, ports: [{name: tcp, port: 7000}]}
---
apiVersion: v1
kind: Service
metadata: {name: gw, namespace: ns}
spec: {selector: {istio: gw}, ports: [{name: http, port: 80}, {name: https, port: 443}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: ns, labels: {istio-injection: enabled}}
---
`;

const networking = (kind: string, spec: string, name = 'it') => `
apiVersion: networking.istio.io/v1
kind: ${kind}
metadata: {name: ${name}, namespace: ns}
spec: ${spec}
---`;
const rule = (http: string) => networking('VirtualService', `{hosts: [web], http: [${http}]}`);
const route = (more: string) => rule(`{route: [{destination: {host: web}}], ${more}}`);
const policy = (spec: string) => networking('DestinationRule', `{host: web, ${spec}}`);
const GATEWAY = networking(
  'Gateway',
  '{selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [a.test]}]}',
  'gw',
);
const SUBSETS = policy('subsets: [{name: v1, labels: {version: v1}}]');

/** What is wrong, between « and ». */
const WRONG: readonly (readonly [string, string])[] = [
  ['IST0101', rule('{route: [{destination: {host: «nobody»}}]}')],
  [
    'IST0101',
    `${SUBSETS}${networking('VirtualService', '{hosts: [web], http: [{route: [{destination: {host: web, subset: «v9»}}]}]}', 'vs')}`,
  ],
  [
    'IST0101',
    networking(
      'VirtualService',
      '{hosts: [a.test], gateways: [«nowhere»], http: [{route: [{destination: {host: web}}]}]}',
    ),
  ],
  [
    'IST0101',
    networking(
      'Gateway',
      '{selector: {istio: «other»}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
    ),
  ],
  ['IST0106', route('timeout: «0s»')],
  ['IST0106', route('retries: {attempts: «-1»}')],
  ['IST0106', route('retries: {attempts: 2, retryOn: «sometimes»}')],
  ['IST0106', rule('{route: [{destination: {host: web, port: {number: «70000»}}}]}')],
  ['IST0106', rule('{match: [{uri: {regex: «"("»}}], route: [{destination: {host: web}}]}')],
  [
    'IST0106',
    rule(
      '{fault: {abort: {httpStatus: «99», percentage: {value: 100}}}, route: [{destination: {host: web}}]}',
    ),
  ],
  ['IST0106', policy('trafficPolicy: {connectionPool: {tcp: {maxConnections: «-1»}}}')],
  ['IST0106', policy('trafficPolicy: {outlierDetection: {interval: «1us»}}')],
  [
    'IST0106',
    networking(
      'ServiceEntry',
      '{hosts: [a.test], ports: [{number: «0», name: http, protocol: HTTP}], resolution: DNS}',
    ),
  ],
  ['IST0106', networking('Sidecar', '{egress: [{hosts: [«"web"»]}]}')],
  [
    'IST0112',
    networking(
      'VirtualService',
      '{hosts: [web], http: [{route: [{destination: {host: «multi»}}]}]}',
    ),
  ],
  [
    'IST0130',
    rule(
      '{name: one, route: [{destination: {host: web}}]}, «{name: two, route: [{destination: {host: web}}]}»',
    ),
  ],
  ['IST0173', policy('subsets: [{name: v7, labels: «{version: v7}»}]')],
  [
    'IST0174',
    networking(
      'DestinationRule',
      '{host: «nobody», trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}',
    ),
  ],
  ['MS0001', rule('{route: [{destination: {host: web}, weight: «0»}]}')],
  ['MS0002', route('retries: {attempts: 2, perTryTimeout: «1s»}')],
  ['MS0003', route('timeout: 2s, retries: {attempts: 3, perTryTimeout: «1s», retryOn: 5xx}')],
  ['MS0004', route('timeout: 1s, retries: {attempts: 1, perTryTimeout: «2s», retryOn: 5xx}')],
  [
    'MS0005',
    policy(
      'trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3, maxEjectionPercent: «10»}}',
    ),
  ],
  ['MS0006', route('fault: {abort: «{httpStatus: 503}»}')],
  [
    'MS0007',
    networking('VirtualService', '{hosts: [«raw»], http: [{route: [{destination: {host: raw}}]}]}'),
  ],
  ['MS0008', rule('{match: «[{uri: {prefix: /a}}]», route: [{destination: {host: web}}]}')],
  [
    'MS0012',
    policy(
      'trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}, portLevelSettings: [«{port: {number: 80}, tls: {mode: DISABLE}}»]}',
    ),
  ],
  [
    'MS0013',
    networking(
      'DestinationRule',
      '{host: «web.ns», trafficPolicy: {connectionPool: {tcp: {maxConnections: 1}}}}',
    ),
  ],
  [
    'MS0014',
    route('retries: {attempts: 2}, fault: «{abort: {httpStatus: 503, percentage: {value: 10}}}»'),
  ],
  ['MS0015', policy('trafficPolicy: {loadBalancer: {simple: RANDOM, warmup: «{duration: 10s}»}}')],
  [
    'MS0016',
    policy(
      'subsets: [{name: v1, labels: {version: v1}, trafficPolicy: «{connectionPool: {tcp: {maxConnections: 1}}}»}]',
    ),
  ],
  [
    'MS0017',
    `${policy('subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {app: web}}]')}${networking('VirtualService', '{hosts: [web], http: [{route: «[{destination: {host: web, subset: v1}, weight: 70}, {destination: {host: web, subset: v2}, weight: 20}]»}]}', 'vs')}`,
  ],
  [
    'MS0018',
    rule(
      '{match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {match: [«{uri: {exact: /a/b}, method: {exact: GET}}»], route: [{destination: {host: web}}]}',
    ),
  ],
  [
    'IST0109',
    networking(
      'VirtualService',
      '{hosts: [a.test, «web»], http: [{route: [{destination: {host: web}}]}]}',
      'one',
    ) +
      networking(
        'VirtualService',
        '{hosts: [«web»], http: [{route: [{destination: {host: web}}]}]}',
        'two',
      ),
  ],
  [
    'IST0118',
    `
apiVersion: v1
kind: Service
metadata: {name: odd, namespace: ns}
spec: {selector: {app: web}, ports: [{name: «web-port», port: 81}]}
---`,
  ],
  [
    'IST0131',
    rule(
      '{name: one, match: [{uri: {prefix: /a}}], route: [{destination: {host: web}}]}, {name: two, match: [«{uri: {prefix: /a}}», {uri: {prefix: /b}}], route: [{destination: {host: web}}]}',
    ),
  ],
  [
    'IST0132',
    GATEWAY +
      networking(
        'VirtualService',
        '{hosts: [b.test], gateways: [«gw»], http: [{route: [{destination: {host: web}}]}]}',
        'vs',
      ),
  ],
  ['IST0133', policy('trafficPolicy: {outlierDetection: {consecutiveErrors: «3»}}')],
  [
    'IST0134',
    networking(
      'ServiceEntry',
      '{hosts: [a.test], ports: [«{number: 9, name: tcp, protocol: TCP}»], resolution: DNS}',
    ),
  ],
  [
    'IST0138',
    networking(
      'Gateway',
      `{selector: {istio: gw}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [a.test], tls: «{mode: SIMPLE, credentialName: one}»}]}`,
      'g1',
    ) +
      networking(
        'Gateway',
        `{selector: {istio: gw}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [b.test], tls: «{mode: SIMPLE, credentialName: one}»}]}`,
        'g2',
      ),
  ],
  [
    'IST0145',
    networking(
      'Gateway',
      '{selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: «[a.test]»}]}',
      'g1',
    ) +
      networking(
        'Gateway',
        '{selector: {istio: gw}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: «[a.test]»}]}',
        'g2',
      ),
  ],
  [
    'IST0162',
    networking(
      'Gateway',
      '{selector: {istio: gw}, servers: [{port: {number: «8081», name: http, protocol: HTTP}, hosts: [a.test]}]}',
    ),
  ],
  [
    'MS0009',
    networking(
      'DestinationRule',
      '{host: web, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true}}}, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {app: web}}]}',
      'dr',
    ) +
      networking(
        'VirtualService',
        '{hosts: [web], http: [{route: «[{destination: {host: web, subset: v1}, weight: 70}, {destination: {host: web, subset: v2}, weight: 30}]»}]}',
        'vs',
      ),
  ],
  [
    'MS0010',
    `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: far, namespace: «empty»}
spec: {host: web.ns.svc.cluster.local, trafficPolicy: {loadBalancer: {simple: RANDOM}}}
---`,
  ],
  [
    'MS0011',
    `${SUBSETS}
apiVersion: v1
kind: Pod
metadata: {name: caller, namespace: near, labels: {app: caller}}
spec: {containers: [{name: app}, {name: istio-proxy}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: all, namespace: near}
spec: {host: «"*.ns.svc.cluster.local"», trafficPolicy: {loadBalancer: {simple: RANDOM}}}
---`,
  ],
  [
    'MS0019',
    policy('trafficPolicy: {connectionPool: {http: {http2MaxRequests: 5, maxRetries: «5»}}}'),
  ],
];

function underlinedBy(text: string, code: string): readonly string[] {
  const { resources } = loadText('it.yaml', text);
  const messages = analyzeAll(storeOf(resources, []), { mode: 'cluster', meshConfig: undefined });
  const lines = text.split('\n');
  return messages
    .filter((message) => message.code === code)
    .map(({ at }) => {
      const line = lines[at.line - 1] ?? '';
      const from = at.column - 1;
      return `${line.slice(0, from)}«${line.slice(from, from + at.length)}»${line.slice(from + at.length)}`;
    });
}

describe('what a finding underlines', () => {
  it.each(WRONG)('%s: %s', (code, marked) => {
    const text = AROUND + marked.replaceAll(/[«»]/g, '');
    const wanted = marked.split('\n').filter((line) => line.includes('«'));
    expect(underlinedBy(text, code)).toEqual(wanted);
  });
});
