/** For the folders that know texts and no engine. */
export { keptIn, memoOf, memoOfPairs } from '#kernel/memo.ts';
