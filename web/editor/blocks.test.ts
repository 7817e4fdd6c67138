import { expect, it } from 'vitest';
import { blockAt } from './blocks.ts';

const LINES = `spec:
  http:
    - name: admin
      match:
      - uri: { prefix: /admin }

      route: []
    - name: rest
      timeout: 1s
---
kind: Service`.split('\n');

it('the block of a list item ends before the next item', () => {
  expect(blockAt(LINES, 3)).toEqual({ from: 3, to: 7 });
});

it('the block of a key holds the list below it, indented or not', () => {
  expect(blockAt(LINES, 4)).toEqual({ from: 4, to: 5 });
  expect(blockAt(LINES, 2)).toEqual({ from: 2, to: 9 });
});

it('a block ends with its document', () => {
  expect(blockAt(LINES, 8)).toEqual({ from: 8, to: 9 });
  expect(blockAt(LINES, 99)).toBeUndefined();
});
