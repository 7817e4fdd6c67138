/** For the folders that know texts and no engine. */
export { memoOf, memoOfPairs } from '#kernel/memo.ts';
