/** For the folders that know texts and no engine. */
export { compareText } from '#kernel/compare-text.ts';
