import type { Draft } from '../state/draft.ts';
import type { PageState } from '../state/page-state.ts';
import { standpointOf } from '../state/standpoint.ts';
import { checkedOpening } from './opening-check.ts';

/** A link that carries everything in its fragment: versioned, deflate-raw, base64url. */

/** What a link says of a page: what is open, and what is looked at. */
export function sharedOf(state: PageState): object {
  const { project, seed, parameters, former, isComparing } = state;
  return {
    project,
    ...(seed === undefined ? {} : { seed }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    ...(isComparing && former !== undefined ? { former: former.project } : {}),
    at: standpointOf(state),
  };
}

const VERSION = 'v1.';
/** What a link may unpack to: more is no scenario but a bomb. */
const MAX_BYTES = 4 * 1024 * 1024;

export async function linkFragment(shared: object): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(shared));
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const buffer = new Uint8Array(await new Response(packed).arrayBuffer());
  let binary = '';
  for (const byte of buffer) binary += String.fromCharCode(byte);
  return `#${VERSION}${btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** Whether a fragment is such a link, of whatever version. */
export function isLink(fragment: string): boolean {
  return /^#v\d+\./.test(fragment);
}

/** What a fragment carries; undefined if it is no such link; throws in words if it is a broken one. */
export async function sharedIn(fragment: string): Promise<Draft | undefined> {
  if (!isLink(fragment)) return undefined;
  const text = fragment.slice(1);
  if (!text.startsWith(VERSION)) throw new Error('This link was made by a newer meshsim.');
  const shared = checkedOpening(await contentOf(text.slice(VERSION.length)));
  if (shared === undefined) throw new Error('This link does not hold a scenario.');
  return shared;
}

async function contentOf(packed: string): Promise<unknown> {
  try {
    const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'));
    const json = await unpacked(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)));
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error('This link unpacks to more than a scenario can be.');
    throw new Error('This link is damaged: a part of it is missing.');
  }
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
