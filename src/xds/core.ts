/**
 * Envoy's configuration vocabulary, in protobuf's JSON form: camelCase names, durations as `"2.5s"`,
 * 64-bit integers as strings, default values left out. Neither plane owns these types: `istiod`
 * writes them, `envoy` compiles them, `report` prints them, a config dump of a live proxy is read
 * into them.
 *
 * @source envoy: api/envoy/config/core/v3/*.proto, api/envoy/type/v3/*.proto
 */

/** A protobuf duration: `"2.5s"`. */
export type DurationText = string;

/** An unsigned 64-bit integer; protobuf prints it as a string, a reader takes either. */
export type Uint64Text = string | number;

/** Any JSON value that is carried but not looked into. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A `google.protobuf.Any` in JSON form: the message's own fields beside `@type`. */
export interface TypedConfig {
  readonly '@type': string;
}

export interface NamedTypedConfig<Config extends TypedConfig = TypedConfig> {
  readonly name: string;
  readonly typedConfig?: Config;
}

export interface SocketAddress {
  readonly address: string;
  readonly portValue?: number;
  readonly protocol?: string;
}

export interface Address {
  readonly socketAddress?: SocketAddress;
  readonly pipe?: { readonly path: string };
  readonly envoyInternalAddress?: {
    readonly serverListenerName?: string;
    readonly endpointId?: string;
  };
}

export interface CidrRange {
  readonly addressPrefix: string;
  readonly prefixLen?: number;
}

export interface Locality {
  readonly region?: string;
  readonly zone?: string;
  readonly subZone?: string;
}

export interface Metadata {
  readonly filterMetadata?: { readonly [filter: string]: { readonly [key: string]: Json } };
}

/** `envoy.type.v3.Percent`; an absent value is 0. */
export interface Percent {
  readonly value?: number;
}

export type Denominator = 'HUNDRED' | 'TEN_THOUSAND' | 'MILLION';

/** `envoy.type.v3.FractionalPercent`: `numerator` of `denominator` (HUNDRED when absent). */
export interface FractionalPercent {
  readonly numerator?: number;
  readonly denominator?: Denominator;
}

export interface RuntimeFractionalPercent {
  readonly defaultValue?: FractionalPercent;
  readonly runtimeKey?: string;
}

export interface RuntimeUInt32 {
  readonly defaultValue?: number;
  readonly runtimeKey?: string;
}

export interface RegexMatcher {
  readonly regex: string;
  readonly googleRe2?: Json;
}

/** `envoy.type.matcher.v3.StringMatcher`: exactly one of the patterns. */
export interface StringMatcher {
  readonly exact?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly safeRegex?: RegexMatcher;
  readonly ignoreCase?: boolean;
}

export type HeaderAppendAction =
  | 'APPEND_IF_EXISTS_OR_ADD'
  | 'ADD_IF_ABSENT'
  | 'OVERWRITE_IF_EXISTS_OR_ADD'
  | 'OVERWRITE_IF_EXISTS';

export interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value?: string };
  readonly append?: boolean;
  readonly appendAction?: HeaderAppendAction;
  readonly keepEmptyValue?: boolean;
}

export interface RegexMatchAndSubstitute {
  readonly pattern: RegexMatcher;
  readonly substitution?: string;
}

export interface TransportSocket {
  readonly name: string;
  readonly typedConfig?: TypedConfig & {
    readonly sni?: string;
    readonly [field: string]: Json | undefined;
  };
}
