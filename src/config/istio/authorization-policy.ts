import { type Infer, list, object, protoEnum, string } from '#source/shape.ts';
import { SOURCE_RULE, TARGET_REF_RULE } from './cel-rules.ts';
import { policySelectorShape } from './shared-shapes.ts';
import { targetRefShape } from './target-reference.ts';

const strings = () => list(string());
const accounts = () => list(string({ maxLength: 320 }), { maxItems: 16 });

const sourceShape = object(
  {
    principals: strings(),
    notPrincipals: strings(),
    requestPrincipals: strings(),
    notRequestPrincipals: strings(),
    namespaces: strings(),
    notNamespaces: strings(),
    serviceAccounts: accounts(),
    notServiceAccounts: accounts(),
    trustDomains: strings(),
    notTrustDomains: strings(),
    ipBlocks: strings(),
    notIpBlocks: strings(),
    remoteIpBlocks: strings(),
    notRemoteIpBlocks: strings(),
  },
  { rules: [SOURCE_RULE] },
);
export type AuthorizationSource = Infer<typeof sourceShape>;

const operationShape = object({
  hosts: strings(),
  notHosts: strings(),
  ports: strings(),
  notPorts: strings(),
  methods: strings(),
  notMethods: strings(),
  paths: strings(),
  notPaths: strings(),
});
export type AuthorizationOperation = Infer<typeof operationShape>;

const ruleShape = object({
  from: list(object({ source: sourceShape }), { maxItems: 512 }),
  to: list(object({ operation: operationShape })),
  when: list(
    object({ key: string(), values: strings(), notValues: strings() }, { required: ['key'] }),
  ),
});
export type AuthorizationRule = Infer<typeof ruleShape>;

/** @source istio.io/api: security/v1beta1/authorization_policy.proto, AuthorizationPolicy */
export const authorizationPolicyShape = object(
  {
    selector: policySelectorShape,
    targetRef: targetRefShape,
    targetRefs: list(targetRefShape, { maxItems: 16 }),
    rules: list(ruleShape, { maxItems: 512 }),
    action: protoEnum(
      'istio.security.v1beta1.AuthorizationPolicy.Action',
      'ALLOW',
      'DENY',
      'AUDIT',
      'CUSTOM',
    ),
    provider: object({ name: string() }),
  },
  { oneOf: [['provider']], rules: [TARGET_REF_RULE] },
);
export type AuthorizationPolicySpec = Infer<typeof authorizationPolicyShape>;
