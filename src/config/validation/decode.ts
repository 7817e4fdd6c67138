import { parseDuration } from '#source/duration.ts';
import { camelCase } from '#source/path.ts';
import type { Shape } from '#source/shape.ts';
import {
  isMapping,
  isSequence,
  kindOf,
  type YamlMapping,
  type YamlValue,
} from '#source/yaml-value.ts';
import { base64Fault } from './go-base64.ts';
import { quoted } from './go-format.ts';

/**
 * The first reason why istiod can not decode an object's spec, in Go's words; `undefined` when it can.
 * Unknown fields are passed over: istiod's webhook lets them through.
 *
 * @source github.com/golang/protobuf: jsonpb/decode.go, unmarshalMessage, unmarshalSingularValue
 */
export function decodeProblem(shape: Shape, value: YamlValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  switch (shape.type) {
    case 'object':
      return isMapping(value)
        ? objectProblem(shape, value)
        : cannot(value, 'map[string]json.RawMessage');
    case 'map':
      return isMapping(value)
        ? mapProblem(shape, value)
        : cannot(value, 'map[string]json.RawMessage');
    case 'list':
      return isSequence(value)
        ? firstProblem(shape.item!, value)
        : cannot(value, '[]json.RawMessage');
    case 'string':
      return typeof value === 'string' ? undefined : cannot(value, 'string');
    case 'boolean':
      return typeof value === 'boolean' ? undefined : cannot(value, 'bool');
    case 'duration':
      return durationProblem(value);
    case 'enum':
      return enumProblem(shape, value);
    case 'int32':
    case 'uint32':
    case 'uint64':
      return integerProblem(shape.type, value);
    case 'double':
      return numberProblem(value, 'float64');
    case 'bytes':
      return typeof value === 'string' ? base64Problem(value) : cannot(value, '[]uint8');
    case 'int-or-string':
    case 'any':
      return undefined;
  }
}

function objectProblem(shape: Shape, value: YamlMapping): string | undefined {
  for (const [key, item] of value) {
    const field = shape.fields!.get(camelCase(key));
    if (field !== undefined && decodeProblem(field, item) !== undefined) {
      return firstFieldProblem(shape, value);
    }
  }
  return undefined;
}

/** In the order of the message's fields, not of the text. */
function firstFieldProblem(shape: Shape, value: YamlMapping): string | undefined {
  const written = new Map([...value].map(([key, item]) => [camelCase(key), item]));
  for (const [name, field] of shape.fields!) {
    const problem = decodeProblem(field, written.get(name));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function mapProblem(shape: Shape, value: YamlMapping): string | undefined {
  for (const [key, item] of value) {
    const ofKey = shape.hasNumberKeys ? integerProblem('uint32', key) : undefined;
    const problem = ofKey ?? decodeProblem(shape.item!, item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function firstProblem(item: Shape, values: Iterable<YamlValue>): string | undefined {
  for (const value of values) {
    const problem = decodeProblem(item, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function cannot(value: YamlValue, type: string): string {
  const kind = kindOf(value);
  const name = kind === 'boolean' ? 'bool' : kind;
  return `json: cannot unmarshal ${name} into Go value of type ${type}`;
}

function base64Problem(text: string): string | undefined {
  const at = base64Fault(text);
  return at === undefined ? undefined : `illegal base64 data at input byte ${at}`;
}

function durationProblem(value: YamlValue): string | undefined {
  if (typeof value !== 'string') return cannot(value, 'string');
  if (parseDuration(value) !== undefined) return undefined;
  return `bad Duration: ${goDurationProblem(value)}`;
}

/** @source go: src/time/format.go, ParseDuration */
function goDurationProblem(text: string): string {
  const name = quoted(text);
  const bare = text.replace(/^[-+]/, '');
  // Walk over the well-formed parts, as Go does, to what is wrong.
  const rest = bare.replace(/^(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+/, '');
  const [number] = /^(?:[0-9]+\.?[0-9]*|\.[0-9]+)/.exec(rest) ?? [];
  if (number === undefined) return `time: invalid duration ${name}`;
  const [unit] = /^[^.0-9]+/.exec(rest.slice(number.length)) ?? [];
  if (unit === undefined) return `time: missing unit in duration ${name}`;
  return `time: unknown unit ${quoted(unit)} in duration ${name}`;
}

function enumProblem(shape: Shape, value: YamlValue): string | undefined {
  if (typeof value === 'string') {
    return shape.values!.includes(value)
      ? undefined
      : `unknown value ${quoted(`"${value}"`)} for enum ${shape.protoName ?? ''}`;
  }
  return numberProblem(value, 'protoreflect.EnumNumber');
}

const INTEGER_RANGES: Readonly<Record<'int32' | 'uint32' | 'uint64', readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 64],
};

/** Numbers may be quoted. */
function integerProblem(type: 'int32' | 'uint32' | 'uint64', value: YamlValue): string | undefined {
  if (typeof value === 'string' && !/^-?[0-9]+$/.test(value))
    return quotedNumberProblem(value, type);
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number') return cannot(value, type);
  const [minimum, maximum] = INTEGER_RANGES[type];
  const fits = Number.isInteger(number) && number >= minimum && number <= maximum;
  return fits ? undefined : `json: cannot unmarshal number ${number} into Go value of type ${type}`;
}

function numberProblem(value: YamlValue, type: string): string | undefined {
  if (typeof value === 'number') return undefined;
  if (typeof value !== 'string') return cannot(value, type);
  return /^-?[0-9]+(?:\.[0-9]+)?$/.test(value) ? undefined : quotedNumberProblem(value, type);
}

/** What Go's JSON decoder says of a text where a number should stand. */
function quotedNumberProblem(text: string, type: string): string {
  if (text === '') return 'unexpected end of JSON input';
  const first = text[0]!;
  if (text === 'true' || text === 'false') return cannot(true, type);
  const [, letter] = /^-([^0-9])/.exec(text) ?? [];
  if (letter !== undefined) return `invalid character '${letter}' in numeric literal`;
  if (/[-0-9]/.test(first)) {
    const [after] = /[^-0-9]/.exec(text) ?? [''];
    return `invalid character '${after}' after top-level value`;
  }
  return `invalid character '${first}' looking for beginning of value`;
}
