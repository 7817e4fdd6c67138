import { expect, it } from 'vitest';
import { segmentOf } from './edge.tsx';
import type { GraphNode } from './graph-model.ts';

const node = (id: string): GraphNode => ({
  id,
  shape: 'circle',
  name: id,
  fact: '',
  version: '',
  pods: [],
  badges: [],
  clients: [],
  box: '',
});

it('draws an edge from rim to rim, with room for the arrow', () => {
  const segment = segmentOf(node('a'), { x: 0, y: 0 }, node('b'), { x: 100, y: 0 });
  expect(segment).toEqual({ x1: 23, y1: 0, x2: 69, y2: 0 });
});

it('draws calls to oneself as a loop above the node', () => {
  const at = { x: 100, y: 100 };
  expect(segmentOf(node('a'), at, node('a'), at)).toEqual({
    x1: 91,
    y1: 50,
    x2: 109,
    y2: 50,
    loopAt: at,
  });
});
