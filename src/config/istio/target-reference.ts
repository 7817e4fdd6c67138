import { type Infer, object, string } from '#source/shape.ts';
import { TARGET_NAMESPACE_RULE } from './cel-rules.ts';

const DNS_SUBDOMAIN_OR_EMPTY =
  '^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';

/** `targetRef` of policies. @source istio.io/api: type/v1beta1/selector.proto, PolicyTargetReference */
export const targetRefShape = object(
  {
    group: string({ maxLength: 253, pattern: DNS_SUBDOMAIN_OR_EMPTY }),
    kind: string({
      minLength: 1,
      maxLength: 63,
      pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$',
    }),
    name: string({ minLength: 1, maxLength: 253 }),
    namespace: string({ rules: [TARGET_NAMESPACE_RULE] }),
  },
  { required: ['kind', 'name'] },
);
export type TargetReference = Infer<typeof targetRefShape>;
