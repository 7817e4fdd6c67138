import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import { CaseProcess } from './case-process.ts';

function processOf() {
  const dispatcher = new Dispatcher();
  const process = new CaseProcess(dispatcher, new ScriptedRandom(['100000', '0', '0']));
  const seen: string[] = [];
  const schedule = (ms: number, what: string) => {
    const onEvent = () => void seen.push(`${what} at ${dispatcher.nowNs / 1e6}`);
    process.schedule(Math.round(ms * 1e6), { onEvent }, 0);
  };
  return { dispatcher, seen, schedule };
}

describe('the process of clients and backends', () => {
  it('does in one turn, in the order of asking, what is due within one millisecond', () => {
    const { dispatcher, seen, schedule } = processOf();
    schedule(40.9, 'answer');
    schedule(40.2, 'request');
    dispatcher.runUntil(60e6);
    expect(seen).toEqual(['answer at 41.6', 'request at 41.6']);
  });

  it('takes another turn for the next millisecond, and none for what does not wait', () => {
    const { dispatcher, seen, schedule } = processOf();
    schedule(1, 'first');
    schedule(1.1, 'second');
    schedule(0, 'at once');
    dispatcher.runUntil(60e6);
    expect(seen).toEqual(['at once at 0', 'first at 1.6', 'second at 2.5']);
  });
});
