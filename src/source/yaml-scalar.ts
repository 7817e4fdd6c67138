/**
 * What a plain (unquoted) scalar means: as Kubernetes reads it for manifests, as YAML 1.2 says for
 * scenario files.
 */
export type YamlDialect = 'kubernetes' | 'yaml-1.2';

type Scalar = null | boolean | number | string;

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUE_WORDS = words('y yes true on');
const FALSE_WORDS = words('n no false off');
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** Each word as YAML 1.1 accepts it: lower case, Capitalised, UPPER CASE. */
function words(list: string): ReadonlySet<string> {
  const forms = (word: string) => [
    word,
    word[0]!.toUpperCase() + word.slice(1),
    word.toUpperCase(),
  ];
  return new Set(list.split(' ').flatMap(forms));
}

export function resolvePlainScalar(text: string, dialect: YamlDialect): Scalar {
  if (NULLS.has(text)) return null;
  return dialect === 'kubernetes' ? resolveForKubernetes(text) : resolveCore(text);
}

/**
 * YAML 1.1 as the YAML library below Kubernetes' API machinery reads it: `on` and `y` are booleans,
 * sexagesimal numbers are strings, timestamps stay text.
 *
 * @source sigs.k8s.io/yaml: goyaml.v2/resolve.go, resolve
 */
function resolveForKubernetes(text: string): Scalar {
  if (TRUE_WORDS.has(text)) return true;
  if (FALSE_WORDS.has(text)) return false;
  const special = infinityOrNaN(text);
  if (special !== undefined) return special;
  if (!/^[-+.0-9]/.test(text)) return text;
  const plain = text.replaceAll('_', '');
  return goInteger(plain) ?? finite(plain) ?? text;
}

/** Go's `strconv.ParseInt(text, 0, 64)`: decimal, `0x`, `0o`, `0b`, and octal by a leading zero. */
function goInteger(text: string): number | undefined {
  const [, sign, digits] = /^([-+]?)(.+)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const factor = sign === '-' ? -1 : 1;
  if (/^0[xX][0-9a-fA-F]+$|^0[oO][0-7]+$|^0[bB][01]+$/.test(digits)) return factor * Number(digits);
  if (/^0[0-7]+$/.test(digits)) return factor * Number.parseInt(digits, 8);
  if (/^[0-9]+$/.test(digits)) return finite(text);
  return undefined;
}

/** @source YAML 1.2.2, 10.3.2 Tag Resolution (core schema) */
function resolveCore(text: string): Scalar {
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  const special = infinityOrNaN(text);
  if (special !== undefined) return special;
  if (/^0o[0-7]+$|^0x[0-9a-fA-F]+$/.test(text)) return Number(text);
  return finite(text) ?? text;
}

function infinityOrNaN(text: string): number | undefined {
  const [, sign] = /^([-+]?)\.(?:inf|Inf|INF)$/.exec(text) ?? [];
  if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? Number.NaN : undefined;
}

/** A number that a double can hold; `1e999` stays text, as Go's parser leaves it. */
function finite(text: string): number | undefined {
  if (!FLOAT.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
