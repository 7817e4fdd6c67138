import type { Path } from '#source/path.ts';
import type { EnvironmentVariable, TrafficSelector } from '../istio/extensions.ts';
import type { ResourceOf } from '../resource.ts';
import { Findings } from './findings.ts';
import { byteLength, quoted } from './go-format.ts';
import { checkTargets } from './target-reference.ts';

/** What both kinds of extensions say of a WebAssembly module. */
interface WasmModule {
  readonly url: string;
  readonly sha256: string;
  readonly imagePullSecret: string;
  readonly pluginName: string;
  readonly vmConfig: { readonly env: readonly EnvironmentVariable[] } | undefined;
}

/** @source istio: pkg/config/validation/validation.go, ValidateWasmPlugin */
export function checkWasmPlugin({ spec }: ResourceOf<'WasmPlugin'>): Findings {
  const findings = checkTargets(spec);
  checkModule(spec, ['spec'], 255, findings);
  findings.check(['spec', 'match'], matchProblem(spec.match));
  return findings;
}

const MAX_LUA_BYTES = 65536;

/** @source istio: the same file, ValidateTrafficExtension */
export function checkTrafficExtension({ spec }: ResourceOf<'TrafficExtension'>): Findings {
  const findings = new Findings();
  const { wasm, lua } = spec;
  if ((wasm === undefined) === (lua === undefined))
    findings.error(['spec'], 'exactly one of wasm or lua must be set');
  findings.add(checkTargets(spec));
  const code = ['spec', 'lua', 'inlineCode'];
  if (lua?.inlineCode === '') findings.error(code, 'lua.inlineCode cannot be empty');
  else if (lua !== undefined && byteLength(lua.inlineCode) > MAX_LUA_BYTES)
    findings.error(code, 'lua.inlineCode exceeds maximum size of 64KB');
  if (wasm !== undefined) checkModule(wasm, ['spec', 'wasm'], 256, findings);
  findings.check(['spec', 'match'], matchProblem(spec.match));
  return findings;
}

/** The text of a name that is too long speaks of another length than the rule in WasmPlugin. */
function checkModule(wasm: WasmModule, path: Path, toldLength: number, findings: Findings): void {
  findings.check([...path, 'url'], urlProblem(wasm.url));
  findings.check([...path, 'sha256'], shaProblem(wasm.sha256));
  if (byteLength(wasm.imagePullSecret) > 253)
    findings.error(
      [...path, 'imagePullSecret'],
      'imagePullSecret field must be less than 253 characters long',
    );
  if (byteLength(wasm.pluginName) > 256)
    findings.error(
      [...path, 'pluginName'],
      `pluginName field must be less than ${toldLength} characters long`,
    );
  findings.check([...path, 'vmConfig', 'env'], environmentProblem(wasm.vmConfig?.env ?? []));
}

const SCHEMES = new Set(['', 'file', 'http', 'https', 'oci']);

/** @source istio: the same file, validateWasmPluginURL, strictParseURL */
function urlProblem(url: string): string | undefined {
  if (url === '') return 'url field needs to be set';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  if (/[\u0000-\u0020\u007f]|%(?![0-9a-fA-F]{2})/.test(url))
    return `failed to parse url: parse ${quoted(url)}: invalid URI for request`;
  const [, scheme = ''] = /^([a-zA-Z][-+.a-zA-Z0-9]*):/.exec(url) ?? [];
  return SCHEMES.has(scheme.toLowerCase())
    ? undefined
    : `url contains unsupported scheme: ${scheme.toLowerCase()}`;
}

function shaProblem(sha: string): string | undefined {
  if (sha === '') return undefined;
  if (byteLength(sha) !== 64) return 'sha256 field must be 64 characters long';
  return /^[a-f0-9]*$/.test(sha) ? undefined : 'sha256 field must match [a-f0-9]{64} pattern';
}

/** @source istio: the same file, validateWasmPluginVMConfig */
function environmentProblem(variables: readonly EnvironmentVariable[]): string | undefined {
  const names = new Set<string>();
  for (const { name, value, valueFrom } of variables) {
    if (name === '') return 'spec.vmConfig.env invalid';
    if (byteLength(name) > 256) return 'env.name field must be less than 255 characters long';
    if (names.has(name)) return 'duplicate env';
    names.add(name);
    if (valueFrom !== 'INLINE' && value !== '')
      return 'value may only be set when valueFrom is INLINE';
  }
  return undefined;
}

/** @source istio: the same file, validateWasmPluginMatch */
function matchProblem(selectors: readonly TrafficSelector[]): string | undefined {
  for (const [index, { ports }] of selectors.entries())
    for (const [at, { number }] of ports.entries())
      if (number <= 0 || number > 65535)
        return `spec.Match[${index}].Ports[${at}] is out of range: ${number}`;
  return undefined;
}
