import type * as Yaml from 'yaml';
import { Part } from './part.ts';

/**
 * Stands for `yaml` in the page's engine: plain files are read without it (`#source/yaml-plain.ts`). It is
 * needed when a place in a file is asked for or a text is not plain.
 */

const part = new Part(async () => {
  const loaded = await import('yaml-itself');
  ({ isAlias, isCollection, isMap, isPair, isScalar, isSeq } = loaded);
  return loaded;
});

/** Nothing is a node before there are nodes. */
const none = (_: unknown): boolean => false;

/** @public */
export let isAlias = none;
/** @public */
export let isCollection = none;
/** @public */
export let isMap = none;
/** @public */
export let isPair = none;
/** @public */
export let isScalar = none;
/** @public */
export let isSeq = none;

/** @public */
export const parseAllDocuments: typeof Yaml.parseAllDocuments = (text, options) =>
  part.now().parseAllDocuments(text, options);
