import { describe, expect, it } from 'vitest';
import { loadText } from '#config/loader.ts';
import { inspectResources } from '../proxy-inspection.ts';
import { describePodText } from './description.ts';

const MESH = `apiVersion: v1
kind: Pod
metadata: {name: b-1, namespace: shop, labels: {app: b}}
spec: {containers: [{name: app, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: b, namespace: shop}
spec: {selector: {app: b}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;
const policy = (name: string, namespace: string, spec: string) =>
  `---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;

function rbacLines(...policies: readonly string[]) {
  const { resources } = loadText('mesh.yaml', MESH + policies.join(''));
  const mesh = inspectResources(resources, undefined, []);
  const pod = mesh.view.pods.find(({ name }) => name === 'b-1');
  return describePodText(mesh, pod!, 'shop')
    .split('\n')
    .filter((line) => line.includes('RBAC'));
}

describe('the authorization policies of a pod', () => {
  it('are named by rule, those of the root namespace too', () => {
    expect(
      rbacLines(
        policy('near', 'shop', '{selector: {matchLabels: {app: b}}, rules: [{}, {}]}'),
        policy('wide', 'istio-system', '{}'),
        policy('other', 'shop', '{selector: {matchLabels: {app: c}}, rules: [{}]}'),
        policy('far', 'elsewhere', '{rules: [{}]}'),
      ),
    ).toEqual([
      'RBAC policies: ns[istio-system]-policy[wide]-rule[0], ns[shop]-policy[near]-rule[0], ns[shop]-policy[near]-rule[1]',
    ]);
  });

  it('are those of the first filter: what denies goes before what allows', () => {
    const both = [
      policy('allow', 'shop', '{rules: [{}]}'),
      policy('deny', 'shop', '{action: DENY, rules: [{}]}'),
    ];
    expect(rbacLines(...both)).toEqual(['RBAC policies: ns[shop]-policy[deny]-rule[0]']);
  });

  it('are not spoken of when there are none', () => {
    expect(rbacLines()).toEqual([]);
  });
});
