import { describe, expect, it } from 'vitest';
import { validateDocuments } from './validate.ts';

const rule = (spec: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a, namespace: b}
spec: {host: a, trafficPolicy: {outlierDetection: {maxEjectionPercent: ${spec}}}}
`;
const answer = (bytes: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: a, namespace: b}
spec: {hosts: [a], http: [{directResponse: {status: 200, body: {bytes: ${bytes}}}}]}
`;
const PERCENT = 'spec.trafficPolicy.outlierDetection.maxEjectionPercent';
const BYTES = 'spec.http[0].directResponse.body.bytes';
const wrong = (path: string, wanted: string, got: string) =>
  `${path}: Invalid value: "${got}": ${path} in body must be of type ${wanted}: "${got}"`;
const checked = `<nil>: Invalid value: "": Checked value must be of type integer with format int32 in ${PERCENT}`;

/** What the API server said of each. */
const SAID: readonly (readonly [string, string])[] = [
  [rule('1.5'), `[${wrong(PERCENT, 'int32', 'float64')}, ${checked}]`],
  [rule('3000000000'), checked],
  [rule('true'), wrong(PERCENT, 'int32', '')],
  [rule('"x"'), wrong(PERCENT, 'integer', 'string')],
  [answer('1.5'), wrong(BYTES, 'byte', 'float64')],
  [answer('7'), wrong(BYTES, 'byte', 'int64')],
  [answer('"eA"'), wrong(BYTES, 'byte', 'eA')],
  [answer('""'), wrong(BYTES, 'byte', '')],
];

describe('a value of another type than its field', () => {
  it.each(SAID)('%s', (text, said) => {
    const [document] = validateDocuments(text);
    expect(document?.schema.error?.replace(/^\w+\/a\/b: /, '')).toBe(said);
  });

  it('is printed as JSON where a field has its own values', () => {
    const text =
      'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a, namespace: b}\nspec: {mtls: {mode: {}}}\n';
    const said = 'spec.mtls.mode: Unsupported value: {}: supported values: "UNSET", "DISABLE"';
    expect(validateDocuments(text)[0]?.schema.error).toContain(said);
  });

  it.each(['"eA=="', '[]'])('bytes that are %s are taken', (bytes) => {
    expect(validateDocuments(answer(bytes))[0]?.schema.error).toBeUndefined();
  });
});
