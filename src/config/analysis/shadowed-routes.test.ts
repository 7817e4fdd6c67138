import { describe, expect, it } from 'vitest';
import { loadText } from '../loader.ts';
import { storeOf } from '../resource-store.ts';
import { analyzeAll } from './analyze.ts';

const to = 'route: [{destination: {host: web}}]';
function found(code: string, ...rules: readonly string[]) {
  const http = rules.map((rule) => `  - {${rule}}\n`).join('');
  const text = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: x, namespace: shop}
spec:
  hosts: [web]
  http:
${http}`;
  const loaded = loadText('m.yaml', text);
  return analyzeAll(storeOf(loaded.resources, []), { mode: 'files' })
    .filter((message) => message.code === code)
    .map(({ message, at }) => [message, at.line] as const);
}
const shadows = (...matches: readonly string[]) =>
  found('MS0018', ...matches.map((match) => `match: [{${match}}], ${to}`), to).filter(
    ([message]) => !message.includes(`reaches http[${matches.length}]:`),
  );

describe('a match that an earlier one shadows', () => {
  it.each([
    ['uri: {prefix: /}', 'uri: {exact: /a}, headers: {x: {exact: v}}'],
    ['uri: {prefix: /a}', 'uri: {exact: /a/b}'],
    ['uri: {prefix: /a}', 'uri: {prefix: /a/b}, method: {exact: POST}'],
    ['headers: {x: {}}', 'headers: {x: {exact: v}}, uri: {exact: /a}'],
    ['headers: {x: {prefix: v}}', 'headers: {x: {exact: vw}}'],
    ['uri: {prefix: /A}, ignoreUriCase: true', 'uri: {exact: /a/b}'],
    ['sourceLabels: {app: a}', 'sourceLabels: {app: a, version: v1}'],
  ])('%s takes all of %s', (former, latter) => {
    expect(shadows(former, latter)).toEqual([
      [expect.stringContaining('http[0].match[0]'), expect.any(Number)],
    ]);
  });

  it.each([
    ['uri: {exact: /a}', 'uri: {prefix: /a}'],
    ['uri: {prefix: /a}', 'uri: {exact: /A/b}'],
    ['uri: {prefix: /a}, port: 80', 'uri: {exact: /a/b}'],
    ['uri: {prefix: /a}, headers: {x: {exact: v}}', 'uri: {exact: /a/b}'],
    ['uri: {prefix: /a}, gateways: [gw]', 'uri: {exact: /a/b}'],
    ['uri: {prefix: /a}, withoutHeaders: {x: {}}', 'uri: {exact: /a/b}'],
    ['uri: {regex: "/a.*"}', 'uri: {exact: /ab}'],
  ])('%s leaves something to %s', (former, latter) => {
    expect(shadows(former, latter)).toEqual([]);
  });

  it('may be the rule without a match at the end', () => {
    expect(found('MS0018', `match: [{}], ${to}`, to)).toEqual([
      [expect.stringContaining('No request reaches http[1]: http[0].match[0]'), expect.any(Number)],
    ]);
  });

  it('is left to Istio’s own message where that is given', () => {
    expect(shadows('uri: {prefix: /a}', 'uri: {prefix: /a}')).toEqual([]);
    expect(shadows('uri: {prefix: /a}', 'uri: {prefix: /a/b}')).toEqual([]);
  });
});

describe('weights that do not sum to 100', () => {
  it('are shares of their sum, and said to be', () => {
    const weights =
      'route: [{destination: {host: a}, weight: 30}, {destination: {host: b}, weight: 10}]';
    expect(found('MS0017', weights)).toEqual([
      ['The weights of this route sum to 40, not 100: a 75 %, b 25 %.', 7],
    ]);
  });
});
