import { InvalidArgumentError } from 'commander';
import { MAX_TIME_NS } from '#scenario/file/limits.ts';
import { type RequestChoice, requestChoice } from '#scenario/request-choice.ts';
import type { Shard } from '#scenario/sweep/sweep-plan.ts';
import { readVaried, type Varied } from '#scenario/sweep/vary.ts';
import { parseAnyDuration } from '#source/duration.ts';

/** Of `--seed`, `--port`: a whole number. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('want a whole number');
}

/** `--set NAME=VALUE`, repeatable. */
export function parameter(
  text: string,
  before: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('want name=value');
  return [...before, [text.slice(0, equals), text.slice(equals + 1)]];
}

/** `80` or `80%`. */
export function percent(text: string): number {
  const value = Number(text.replace(/%$/, ''));
  if (text === '' || !(value >= 0 && value <= 100))
    throw new InvalidArgumentError('want a number from 0 to 100');
  return value;
}

/** A duration, in ns. */
export function period(text: string): number {
  const ns = parseAnyDuration(text);
  if (ns !== undefined && ns > MAX_TIME_NS) throw new InvalidArgumentError('want at most 100 days');
  if (ns !== undefined && ns > 0) return ns;
  throw new InvalidArgumentError('want a duration such as 1s');
}

/** `--why` and `--trace`: which requests are meant. */
export function requests(text: string): RequestChoice {
  const read = requestChoice(text);
  if ('choice' in read) return read.choice;
  const { message, hint } = read.diagnostic;
  throw new InvalidArgumentError(hint === undefined ? message : `${message}; ${hint}`);
}

/** `-H NAME:VALUE`, repeatable. */
export function header(text: string, before: readonly string[]): readonly string[] {
  if (!/^[^:\s]+:/.test(text)) throw new InvalidArgumentError('want name:value');
  return [...before, text];
}

/** `--vary KEY=VALUES`, repeatable. */
export function varied(text: string, before: readonly Varied[]): readonly Varied[] {
  const read = readVaried(text);
  if ('problem' in read) throw new InvalidArgumentError(read.problem);
  if (before.some(({ key }) => key === read.key))
    throw new InvalidArgumentError(`${read.key} is varied twice`);
  return [...before, read];
}

/** `--shard 2/4`. */
export function shard(text: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const part = { index: Number(index), count: Number(count) };
  if (count === undefined || part.index < 1 || part.index > part.count)
    throw new InvalidArgumentError('want I/N with I from 1 to N, such as 2/4');
  return part;
}

/** At least one. */
export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('want a whole number above 0');
}

/** Repeatable. */
export function collected(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
