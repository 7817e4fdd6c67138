import type { Project } from '../engine/protocol.ts';

/** A link that carries everything in its fragment: versioned, deflate-raw, base64url. */

export interface SharedState {
  readonly project: Project;
  readonly seed?: number;
  readonly cursorNs?: number;
  readonly file?: string;
  readonly theme?: string;
}

const VERSION = 'v1.';
/** What a link may unpack to: more is no scenario but a bomb. */
const MAX_BYTES = 4 * 1024 * 1024;

export async function linkFragment(state: SharedState): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(state));
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const buffer = new Uint8Array(await new Response(packed).arrayBuffer());
  let binary = '';
  for (const byte of buffer) binary += String.fromCharCode(byte);
  return `#${VERSION}${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** What a fragment carries; undefined if it is no such link; throws in words if it is a broken one. */
export async function sharedStateOf(fragment: string): Promise<SharedState | undefined> {
  const text = fragment.replace(/^#/, '');
  if (!/^v\d+\./.test(text)) return undefined;
  if (!text.startsWith(VERSION)) throw new Error('This link was made by a newer meshsim.');
  let json: string;
  try {
    const binary = atob(text.slice(VERSION.length).replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    json = await unpacked(bytes);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error('This link unpacks to more than a scenario can be.');
    throw new Error('This link is damaged: a part of it is missing.');
  }
  return checked(JSON.parse(json));
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > MAX_BYTES) throw new RangeError('too large');
    text += decoder.decode(value, { stream: true });
  }
}

/** A link may come from anybody: only what has the right shape is taken. */
function checked(value: unknown): SharedState {
  const wrong = new Error('This link does not hold a scenario.');
  if (!isRecord(value) || !isRecord(value['project'])) throw wrong;
  const { scenario, files } = value['project'];
  if (typeof scenario !== 'string' || !isRecord(files)) throw wrong;
  const texts: [string, string][] = [];
  for (const [path, text] of Object.entries(files)) {
    if (typeof text !== 'string') throw wrong;
    texts.push([path, text]);
  }
  const project = { scenario, files: Object.fromEntries(texts) };
  const { seed, cursorNs, file, theme } = value;
  return {
    project,
    ...(typeof seed === 'number' ? { seed } : {}),
    ...(typeof cursorNs === 'number' ? { cursorNs } : {}),
    ...(typeof file === 'string' ? { file } : {}),
    ...(typeof theme === 'string' ? { theme } : {}),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
