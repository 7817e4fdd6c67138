import type {
  Address,
  CidrRange,
  FractionalPercent,
  HeaderValueOption,
  Json,
  Locality,
  Metadata,
  NamedTypedConfig,
  Percent,
  RegexMatchAndSubstitute,
  RegexMatcher,
  RuntimeFractionalPercent,
  SocketAddress,
  StringMatcher,
  TransportSocket,
  TypedConfig,
} from './core.ts';
import {
  bool,
  camelName,
  double,
  isObject,
  json,
  mapOf,
  message,
  object,
  oneOf,
  problem,
  type Reader,
  required,
  text,
  uint32,
} from './reader.ts';

/** Readers of the shared vocabulary (`core.ts`). */
export const percent = message<Percent>({ value: double });
export const fractionalPercent = message<FractionalPercent>({
  numerator: uint32,
  denominator: oneOf('HUNDRED', 'TEN_THOUSAND', 'MILLION'),
});
export const runtimeFraction = message<RuntimeFractionalPercent>({
  defaultValue: fractionalPercent,
  runtimeKey: text,
});
export const runtimeDouble = message<{
  readonly defaultValue?: number;
  readonly runtimeKey?: string;
}>({
  defaultValue: double,
  runtimeKey: text,
});

export const regexMatcher = message<RegexMatcher>({ regex: required(text, ''), googleRe2: json });
export const regexMatchAndSubstitute = message<RegexMatchAndSubstitute>({
  pattern: required(regexMatcher, { regex: '' }),
  substitution: text,
});
export const stringMatcher = message<StringMatcher>({
  exact: text,
  prefix: text,
  suffix: text,
  contains: text,
  safeRegex: regexMatcher,
  ignoreCase: bool,
});

export const headerValueOption = message<HeaderValueOption>({
  header: required(message<HeaderValueOption['header']>({ key: required(text, ''), value: text }), {
    key: '',
  }),
  append: bool,
  appendAction: oneOf(
    'APPEND_IF_EXISTS_OR_ADD',
    'ADD_IF_ABSENT',
    'OVERWRITE_IF_EXISTS_OR_ADD',
    'OVERWRITE_IF_EXISTS',
  ),
  keepEmptyValue: bool,
});

export const cidrRange = message<CidrRange>({
  addressPrefix: required(text, ''),
  prefixLen: uint32,
});
export const locality = message<Locality>({ region: text, zone: text, subZone: text });

/** Metadata is a struct: its keys are kept as written. */
export const metadata: Reader<Metadata> = message<
  Metadata & { readonly typedFilterMetadata?: Json }
>({
  filterMetadata: mapOf(json) as Reader<NonNullable<Metadata['filterMetadata']>>,
  typedFilterMetadata: json,
});

const socketAddress = message<
  SocketAddress & {
    readonly namedPort?: string;
    readonly resolverName?: string;
    readonly ipv4Compat?: boolean;
  }
>({
  address: required(text, ''),
  portValue: uint32,
  protocol: text,
  namedPort: text,
  resolverName: text,
  ipv4Compat: bool,
});
export const address = message<Address>({
  socketAddress,
  pipe: message<{ readonly path: string; readonly mode?: number }>({
    path: required(text, ''),
    mode: uint32,
  }),
  envoyInternalAddress: message<NonNullable<Address['envoyInternalAddress']>>({
    serverListenerName: text,
    endpointId: text,
  }),
});

/** The messages that a `typedConfig` may hold, by the full name behind the last slash of `@type`. */
export type TypeRegistry = ReadonlyMap<string, Reader<object>>;

const TYPED_STRUCT = /^(udpa\.type\.v1|xds\.type\.v3)\.TypedStruct$/;

/**
 * A `google.protobuf.Any`. A message that is not registered is carried as it is: nothing looks into
 * it. A TypedStruct of a registered message is read as that message.
 */
export function typedConfig(registry: () => TypeRegistry): Reader<TypedConfig> {
  return (value, path, context) => {
    if (!isObject(value)) {
      object(value, path, context);
      return undefined;
    }
    const type = value['@type'];
    if (typeof type !== 'string') {
      problem('error', '@type is missing', path, context);
      return undefined;
    }
    const inner = TYPED_STRUCT.test(messageName(type)) ? structOf(value) : undefined;
    if (inner !== undefined && registry().has(messageName(inner['@type']))) {
      return typedConfig(registry)(inner, path, context);
    }
    const reader = registry().get(messageName(type));
    if (reader === undefined) return { ...value, '@type': type };
    const { '@type': _, ...fields } = value;
    const read = reader(fields, path, context);
    return read && { '@type': type, ...read };
  };
}

/** The full name behind the last slash of a type URL. */
function messageName(type: string): string {
  return type.slice(type.lastIndexOf('/') + 1);
}

function structOf(value: Readonly<Record<string, unknown>>): TypedConfig | undefined {
  const type = value['typeUrl'] ?? value['type_url'];
  if (typeof type !== 'string') return undefined;
  return { ...(isObject(value['value']) ? value['value'] : {}), '@type': type };
}

export function namedTypedConfig(registry: () => TypeRegistry): Reader<NamedTypedConfig> {
  return message<
    NamedTypedConfig & {
      readonly configDiscovery?: Json;
      readonly isOptional?: boolean;
      readonly disabled?: boolean;
    }
  >({
    name: required(text, ''),
    typedConfig: typedConfig(registry),
    configDiscovery: json,
    isOptional: bool,
    disabled: bool,
  });
}

/** Fields in camelCase at every depth: for messages that are carried whole, such as TLS contexts. */
export const camelCased: Reader<object> = (value, path, context) =>
  isObject(value) ? (camelCasedDeep(value) as object) : object(value, path, context);

function camelCasedDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCasedDeep);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [camelName(key), camelCasedDeep(inner)]),
  );
}

const TLS_CONTEXTS: TypeRegistry = new Map([
  ['envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', camelCased],
  ['envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', camelCased],
]);

export const transportSocket = namedTypedConfig(() => TLS_CONTEXTS) as Reader<TransportSocket>;
