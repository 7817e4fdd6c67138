import { NS_PER_MS, parseDuration } from '#source/duration.ts';
import type { Rule } from '#source/shape.ts';
import { isMapping, isSequence, member, textMember, type YamlValue } from '#source/yaml-value.ts';

/**
 * The CEL rules of Istio's CustomResourceDefinitions as functions. Each carries the rule's own text, so
 * that a test can hold the list against the definitions.
 *
 * @source istio: manifests/charts/base/files/crd-all.gen.yaml, x-kubernetes-validations
 */
function rule(message: string, cel: string, holds: (value: YamlValue) => boolean): Rule {
  return { message, cel, holds };
}

const has = (value: YamlValue, key: string): boolean => member(value, key) !== undefined;
const count = (value: YamlValue, keys: readonly string[]): number =>
  keys.filter((key) => has(value, key)).length;
const text = (value: YamlValue): string => (typeof value === 'string' ? value : '');
const keys = (value: YamlValue): readonly string[] => (isMapping(value) ? [...value.keys()] : []);
const items = (value: YamlValue | undefined): readonly YamlValue[] =>
  isSequence(value) ? value : [];
const isInteger = (key: string): boolean => /^[-+]?[0-9]+$/.test(key);
const isPort = (value: number): boolean => value > 0 && value <= 65535;

export const DURATION_RULE: Rule = {
  message: 'must be a valid duration greater than 1ms',
  cel: "duration(self) >= duration('1ms')",
  holds: (value) => (parseDuration(text(value)) ?? 0) >= NS_PER_MS,
  inconvertible: (value) =>
    parseDuration(text(value)) === undefined ? 'google.protobuf.Duration' : undefined,
};

export const SELECTOR_KEY_RULES = [
  rule('wildcard not allowed in label key match', 'self.all(key, !key.contains("*"))', (value) =>
    keys(value).every((key) => !key.includes('*')),
  ),
  rule('key must not be empty', 'self.all(key, key.size() != 0)', (value) =>
    keys(value).every((key) => key !== ''),
  ),
];

export const SELECTOR_VALUE_RULE = rule(
  'wildcard not allowed in label value match',
  '!self.contains("*")',
  (value) => !text(value).includes('*'),
);

export const WORKLOAD_SELECTOR_VALUE_RULE = rule(
  'wildcard is not supported in selector',
  '!self.contains("*")',
  (value) => !text(value).includes('*'),
);

export const PORT_RULE = rule(
  'port must be between 1-65535',
  '0 < self && self <= 65535',
  (value) => typeof value === 'number' && isPort(value),
);

export const PORT_KEY_RULE: Rule = {
  message: 'port must be between 1-65535',
  cel: 'self.all(key, 0 < int(key) && int(key) <= 65535)',
  holds: (value) => keys(value).every((key) => isInteger(key) && isPort(Number(key))),
  inconvertible: (value) => (keys(value).every(isInteger) ? undefined : 'int'),
};

const onlyOne = (message: string, first: string, second: string): Rule =>
  rule(
    message,
    `(has(self.${first}) ? 1 : 0) + (has(self.${second}) ? 1 : 0) <= 1`,
    (value) => count(value, [first, second]) <= 1,
  );

export const SERVER_TLS_RULES = [
  onlyOne(
    'only one of credentialNames or tlsCertificates can be set',
    'tlsCertificates',
    'credentialNames',
  ),
  onlyOne(
    'only one of credentialName or credentialNames can be set',
    'credentialName',
    'credentialNames',
  ),
  // The message speaks of credentialName, the rule of credentialNames: so it is in the definition.
  onlyOne(
    'only one of credentialName or tlsCertificates can be set',
    'credentialNames',
    'tlsCertificates',
  ),
];

const resolutionOf = (value: YamlValue, otherwise: string): string =>
  textMember(value, 'resolution') ?? otherwise;

export const SERVICE_ENTRY_RULES = [
  onlyOne('only one of WorkloadSelector or Endpoints can be set', 'workloadSelector', 'endpoints'),
  rule(
    'CIDR addresses are allowed only for NONE/STATIC resolution types',
    '!((has(self.addresses) ? self.addresses : []).exists(k, k.contains("/")) && !((has(self.resolution) ? self.resolution : "NONE") in ["STATIC", "NONE"]))',
    (value) =>
      !items(member(value, 'addresses')).some((address) => text(address).includes('/')) ||
      ['STATIC', 'NONE'].includes(resolutionOf(value, 'NONE')),
  ),
  rule(
    'NONE mode cannot set endpoints',
    '((has(self.resolution) ? self.resolution : "NONE") == "NONE") ? !has(self.endpoints) : true',
    (value) => resolutionOf(value, 'NONE') !== 'NONE' || !has(value, 'endpoints'),
  ),
  rule(
    'DNS_ROUND_ROBIN mode cannot have multiple endpoints',
    '((has(self.resolution) ? self.resolution : "") == "DNS_ROUND_ROBIN") ? ((has(self.endpoints) ? self.endpoints : []).size() <= 1) : true',
    (value) =>
      resolutionOf(value, '') !== 'DNS_ROUND_ROBIN' ||
      items(member(value, 'endpoints')).length <= 1,
  ),
];

export const HOST_RULE = rule(
  'hostname cannot be wildcard',
  'self != "*"',
  (value) => value !== '*',
);

export const UNIQUE_PORT_NUMBERS_RULE = rule(
  'port number cannot be duplicated',
  'self.all(l1, self.exists_one(l2, l1.number == l2.number))',
  (value) => {
    const numbers = items(value).map((port) => member(port, 'number'));
    return new Set(numbers).size === numbers.length;
  },
);

export const ADDRESS_REQUIRED_RULE = rule(
  'Address is required',
  'has(self.address) || has(self.network)',
  (value) => has(value, 'address') || has(value, 'network'),
);

export const UDS_WITHOUT_PORTS_RULE = rule(
  'UDS may not include ports',
  '(has(self.address) ? self.address : "").startsWith("unix://") ? !has(self.ports) : true',
  (value) => !(textMember(value, 'address') ?? '').startsWith('unix://') || !has(value, 'ports'),
);

export const UDS_ADDRESS_RULES = [
  rule(
    'UDS must be an absolute path or abstract socket',
    'self.startsWith("unix://") ? (self.substring(7, 8) == "/" || self.substring(7, 8) == "@") : true',
    (value) => !text(value).startsWith('unix://') || ['/', '@'].includes(text(value).slice(7, 8)),
  ),
  rule(
    'UDS may not be a dir',
    'self.startsWith("unix://") ? !self.endsWith("/") : true',
    (value) => !text(value).startsWith('unix://') || !text(value).endsWith('/'),
  ),
];

export const PORT_NAME_RULE = rule(
  'port name must be valid',
  'self.all(key, size(key) < 63 && key.matches("^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$"))',
  (value) =>
    keys(value).every(
      (key) => key.length < 63 && /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(key),
    ),
);

export const PROBE_SCHEME_RULE = rule(
  'scheme must be one of [HTTP, HTTPS]',
  'self in ["", "HTTP", "HTTPS"]',
  (value) => ['', 'HTTP', 'HTTPS'].includes(text(value)),
);

export const PORT_LEVEL_MTLS_RULE = rule(
  'portLevelMtls requires selector',
  'has(self.portLevelMtls) ? (((has(self.selector) && has(self.selector.matchLabels)) ? self.selector.matchLabels : {}).size() > 0) : true',
  (value) =>
    !has(value, 'portLevelMtls') ||
    keys(member(member(value, 'selector'), 'matchLabels') ?? null).length > 0,
);

export const TARGET_REF_RULE = rule(
  'only one of targetRefs or selector can be set',
  '(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1',
  (value) => count(value, ['selector', 'targetRef', 'targetRefs']) <= 1,
);

export const TARGET_NAMESPACE_RULE = rule(
  'cross namespace referencing is not currently supported',
  'self.size() == 0',
  (value) => text(value) === '',
);

export const TAG_OVERRIDE_RULES = [
  rule(
    'value must be set when operation is UPSERT',
    '((has(self.operation) ? self.operation : "") == "UPSERT") ? (self.value != "") : true',
    (value) =>
      textMember(value, 'operation') !== 'UPSERT' || (textMember(value, 'value') ?? '') !== '',
  ),
  rule(
    'value must not be set when operation is REMOVE',
    '((has(self.operation) ? self.operation : "") == "REMOVE") ? !has(self.value) : true',
    (value) => textMember(value, 'operation') !== 'REMOVE' || !has(value, 'value'),
  ),
];

export const SOURCE_RULE = rule(
  'Cannot set serviceAccounts with namespaces or principals',
  `(has(self.serviceAccounts) || has(self.notServiceAccounts)) ? (!has(self.principals) &&
!has(self.notPrincipals) && !has(self.namespaces) && !has(self.notNamespaces)) : true`,
  (value) =>
    count(value, ['serviceAccounts', 'notServiceAccounts']) === 0 ||
    count(value, ['principals', 'notPrincipals', 'namespaces', 'notNamespaces']) === 0,
);

/** What stands before the colon; `undefined` of a text that is no URL. */
function schemeOf(url: string): string | undefined {
  if (/[\s\p{Cc}]/u.test(url)) return undefined;
  return /^([a-zA-Z][-+.a-zA-Z0-9]*):/.exec(url)?.[1]?.toLowerCase();
}

export const JWKS_URI_RULE: Rule = {
  message: 'url must have scheme http:// or https://',
  cel: 'url(self).getScheme() in ["http", "https"]',
  holds: (value) => ['http', 'https'].includes(schemeOf(text(value)) ?? ''),
  // A path alone can be asked for, too.
  inconvertible: (value) =>
    schemeOf(text(value)) === undefined && !text(value).startsWith('/') ? 'url' : undefined,
};

export const JWKS_RULE = rule(
  'only one of jwks or jwksUri can be set',
  '(has(self.jwksUri) ? 1 : 0) + (has(self.jwks_uri) ? 1 : 0) + (has(self.jwks) ? 1 : 0) <= 1',
  (value) => count(value, ['jwksUri', 'jwks_uri', 'jwks']) <= 1,
);

export const TARGET_OR_WORKLOAD_RULE = rule(
  'only one of targetRefs or workloadSelector can be set',
  '(has(self.workloadSelector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1',
  (value) => count(value, ['workloadSelector', 'targetRefs']) <= 1,
);

export const WAYPOINT_MATCH_RULE = rule(
  'only support waypointMatch when context is WAYPOINT',
  'has(self.context) ? ((self.context == "WAYPOINT") ? has(self.waypoint) : !has(self.waypoint)) : !has(self.waypoint)',
  (value) => (textMember(value, 'context') === 'WAYPOINT') === has(value, 'waypoint'),
);

const WASM_URL = 'url must have schema one of [http, https, file, oci]';
const WASM_SCHEMES = ['http', 'https', 'file', 'oci'];

/** A text without a scheme stands for `http://…`. */
function isWasmUrl(value: YamlValue): boolean {
  const url = text(value);
  const isUrl = url.startsWith('/') || /^[a-zA-Z][-+.a-zA-Z0-9]*:\/\//.test(url);
  const scheme = isUrl ? (schemeOf(url) ?? '') : 'http';
  const isWellFormed = !/\s|%(?![0-9a-fA-F]{2})/.test(url);
  return isWellFormed && (scheme === '' || WASM_SCHEMES.includes(scheme));
}

const wasmUrlRule = (schemes: string): Rule =>
  rule(
    WASM_URL,
    `isURL(self) ? (url(self).getScheme() in ${schemes}) : (isURL("http://" + self) &&
url("http://" + self).getScheme() in ${schemes})`,
    isWasmUrl,
  );

export const WASM_PLUGIN_URL_RULE = wasmUrlRule('["", "http", "https", "oci", "file"]');
export const WASM_EXTENSION_URL_RULE = wasmUrlRule('["", "http", "https", "file", "oci"]');

export const ENV_VALUE_RULE = rule(
  'value may only be set when valueFrom is INLINE',
  '(has(self.valueFrom) ? self.valueFrom : "") != "HOST" || !has(self.value)',
  (value) => textMember(value, 'valueFrom') !== 'HOST' || !has(value, 'value'),
);

export const EXTENSION_TARGET_RULE = rule(
  'only one of targetRefs or selector can be set',
  '(has(self.selector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1',
  (value) => count(value, ['selector', 'targetRefs']) <= 1,
);

export const ONE_EXTENSION_RULE = rule(
  'exactly one of wasm or lua must be set',
  'has(self.wasm) != has(self.lua)',
  (value) => has(value, 'wasm') !== has(value, 'lua'),
);
