import { describe, expect, it } from 'vitest';
import { readReplay } from './replay-file.ts';

const read = (content: string) => readReplay(content, 100);
const moments = (content: string): readonly number[] => {
  const found = read(content);
  return 'entries' in found ? found.entries.map(({ atNs }) => atNs / 1e6) : [];
};

describe('a log to replay', () => {
  it('is one moment a line, in any order, with comments', () => {
    expect(moments('# three\n12ms\n1.5s\n0.5\n')).toEqual([12, 500, 1500]);
  });

  it('is a CSV file with a head', () => {
    const found = read('time,method,path\n1.5s,POST,"/a,b"\n0,GET,\n');
    expect(found).toEqual({
      entries: [
        { atNs: 0, request: { method: 'GET', headers: [] } },
        { atNs: 1.5e9, request: { method: 'POST', path: '/a,b', headers: [] } },
      ],
    });
  });

  it('is what --out requests wrote', () => {
    expect(moments('client,number,intendedMs,endMs\nload,1,12.5,20\nload,2,30,31\n')).toEqual([
      12.5, 30,
    ]);
  });

  it('is Istio’s JSON access log: times count from the earliest', () => {
    const found = read(
      [
        '{"start_time":"2026-03-01T00:00:01.250Z","method":"GET","path":"/b","authority":"shop"}',
        '{"start_time":"2026-02-28T23:59:59Z","method":"GET","path":"/a","authority":"shop"}',
      ].join('\n'),
    );
    expect(found).toMatchObject({
      entries: [
        { atNs: 0, request: { path: '/a', authority: 'shop' } },
        { atNs: 2.25e9, request: { path: '/b' } },
      ],
    });
  });

  it('takes seconds and milliseconds since 1970, and headers', () => {
    expect(moments('{"ts":1767225600.5}\n{"ts":1767225600}')).toEqual([0, 500]);
    expect(moments('{"timestamp":1767225600500}\n{"timestamp":1767225600000}')).toEqual([0, 500]);
    const found = read('{"at":"1s","headers":{"X-User":"ada"},"url":"http://shop/cart?x=1"}');
    expect(found).toMatchObject({
      entries: [{ request: { path: '/cart?x=1', headers: [{ name: 'x-user', value: 'ada' }] } }],
    });
  });

  it('keeps equal requests as one object', () => {
    const found = read('at,path\n1s,/a\n2s,/a\n');
    if (!('entries' in found)) throw new Error('it has entries');
    expect(found.entries[0]!.request).toBe(found.entries[1]!.request);
  });

  it.each([
    ['a line that is no moment', '1s\nsoon', 2, '"soon" is no moment'],
    ['a head without a time', 'method,path\nGET,/', 2, 'there is no at, time'],
    ['broken JSON', '{"at":1}\n{"at":', 2, 'cannot be read'],
  ])('says where it cannot be read: %s', (_, content, line, problem) => {
    expect(read(content)).toMatchObject({ line, problem: expect.stringContaining(problem) });
  });
});
