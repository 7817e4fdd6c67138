import { describe, expect, it } from 'vitest';
import { labelPlaces, lengthInside } from './label-places.ts';

const ROOM = { width: 300, height: 300 };

const lying = (id: string, y: number) => ({
  id,
  segment: { x1: 0, y1: y, x2: 200, y2: y },
  width: 60,
  height: 20,
});

describe('the places of edge labels', () => {
  it('are above the middle of a line that lies', () => {
    expect(labelPlaces([lying('a', 100)], [], ROOM).get('a')).toEqual({
      x: 100,
      y: 85,
      isOnLine: false,
      isBrief: false,
    });
  });

  it('do not cover each other', () => {
    const places = labelPlaces([lying('a', 100), lying('b', 110)], [], ROOM);
    const [a, b] = [places.get('a')!, places.get('b')!];
    expect(Math.abs(a.x - b.x) >= 60 || Math.abs(a.y - b.y) >= 20).toBe(true);
  });

  it('leave nodes free', () => {
    const node = { x: 70, y: 60, width: 60, height: 36 };
    const { y } = labelPlaces([lying('a', 100)], [node], ROOM).get('a')!;
    expect(y).toBeGreaterThan(100);
  });

  it('are briefer where all that they say would stand on another line', () => {
    const fan = (id: string, y2: number) => ({
      id,
      segment: { x1: 60, y1: 100, x2: 140, y2 },
      width: 84,
      height: 30,
      brief: { width: 48, height: 17 },
    });
    const node = { x: 140, y: 70, width: 54, height: 60 };
    const alone = labelPlaces([fan('b', 100)], [node], ROOM).get('b')!;
    const between = labelPlaces([fan('a', 40), fan('b', 100), fan('c', 160)], [node], ROOM);
    expect([alone.isBrief, between.get('b')!.isBrief]).toEqual([false, true]);
  });

  it('stay inside the room', () => {
    const { y } = labelPlaces([lying('a', 8)], [], ROOM).get('a')!;
    expect(y).toBeGreaterThan(8);
  });

  it('measure how much of a line is inside a rectangle', () => {
    const rect = { x: 10, y: 10, width: 30, height: 20 };
    expect(lengthInside(rect, { x1: 0, y1: 20, x2: 100, y2: 20 })).toBeCloseTo(30);
    expect(lengthInside(rect, { x1: 0, y1: 0, x2: 100, y2: 0 })).toBe(0);
  });
});
