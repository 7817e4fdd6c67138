import {
  type Infer,
  int32,
  list,
  object,
  openObject,
  protoEnum,
  string,
  uint32,
  wrapped,
} from '#source/shape.ts';
import {
  ENV_VALUE_RULE,
  EXTENSION_TARGET_RULE,
  ONE_EXTENSION_RULE,
  TARGET_REF_RULE,
  WASM_EXTENSION_URL_RULE,
  WASM_PLUGIN_URL_RULE,
} from './cel-rules.ts';
import { policySelectorShape } from './shared-shapes.ts';
import { targetRefShape } from './target-reference.ts';

const PACKAGE = 'istio.extensions.v1alpha1';

const portShape = object(
  { number: uint32({ minimum: 1, maximum: 65535 }) },
  { required: ['number'] },
);

/** Of what traffic an extension sees. */
const trafficSelectorShape = object({
  mode: protoEnum(
    'istio.type.v1beta1.WorkloadMode',
    'UNDEFINED',
    'CLIENT',
    'SERVER',
    'CLIENT_AND_SERVER',
  ),
  ports: list(portShape, { listMapKeys: ['number'] }),
});
export type TrafficSelector = Infer<typeof trafficSelectorShape>;

const environmentShape = object(
  {
    name: string({ minLength: 1, maxLength: 256 }),
    valueFrom: protoEnum(`${PACKAGE}.EnvValueSource`, 'INLINE', 'HOST'),
    value: string({ maxLength: 2048 }),
  },
  { required: ['name'], rules: [ENV_VALUE_RULE] },
);
export type EnvironmentVariable = Infer<typeof environmentShape>;

/** What a WasmPlugin and the `wasm` of a TrafficExtension have in common. */
const wasmFields = {
  sha256: string({ pattern: '(^$|^[a-f0-9]{64}$)' }),
  imagePullPolicy: protoEnum(
    `${PACKAGE}.PullPolicy`,
    'UNSPECIFIED_POLICY',
    'IfNotPresent',
    'Always',
  ),
  imagePullSecret: string({ minLength: 1, maxLength: 253 }),
  verificationKey: string(),
  pluginConfig: openObject({}),
  pluginName: string({ minLength: 1, maxLength: 256 }),
  failStrategy: protoEnum(`${PACKAGE}.FailStrategy`, 'FAIL_CLOSE', 'FAIL_OPEN', 'FAIL_RELOAD'),
  vmConfig: object({ env: list(environmentShape, { maxItems: 256, listMapKeys: ['name'] }) }),
  type: protoEnum(`${PACKAGE}.PluginType`, 'UNSPECIFIED_PLUGIN_TYPE', 'HTTP', 'NETWORK'),
};

/** @source istio.io/api: extensions/v1alpha1/wasm.proto, WasmPlugin */
export const wasmPluginShape = object(
  {
    selector: policySelectorShape,
    targetRef: targetRefShape,
    targetRefs: list(targetRefShape, { maxItems: 16 }),
    url: string({ minLength: 1, rules: [WASM_PLUGIN_URL_RULE] }),
    ...wasmFields,
    phase: protoEnum(`${PACKAGE}.PluginPhase`, 'UNSPECIFIED_PHASE', 'AUTHN', 'AUTHZ', 'STATS'),
    priority: wrapped(int32()),
    match: list(trafficSelectorShape),
  },
  { required: ['url'], rules: [TARGET_REF_RULE] },
);

/** @source istio.io/api: extensions/v1alpha1/traffic_extension.proto, TrafficExtension */
export const trafficExtensionShape = object(
  {
    selector: policySelectorShape,
    targetRefs: list(targetRefShape, { maxItems: 16 }),
    phase: protoEnum(
      `${PACKAGE}.TrafficExtension.ExecutionPhase`,
      'UNSPECIFIED',
      'AUTHN',
      'AUTHZ',
      'STATS',
    ),
    priority: wrapped(int32()),
    match: list(trafficSelectorShape),
    wasm: object(
      { url: string({ minLength: 1, rules: [WASM_EXTENSION_URL_RULE] }), ...wasmFields },
      { required: ['url'] },
    ),
    lua: object(
      { inlineCode: string({ minLength: 1, maxLength: 65536 }) },
      { required: ['inlineCode'] },
    ),
  },
  { oneOf: [['wasm', 'lua']], rules: [EXTENSION_TARGET_RULE, ONE_EXTENSION_RULE] },
);
