import { describe, expect, it } from 'vitest';
import { Dispatcher } from '#kernel/dispatcher.ts';
import { ScriptedRandom } from '#kernel/random.ts';
import { CaseProcess } from './case-process.ts';

/** Its milliseconds begin at those of the clock. */
function processOf() {
  const dispatcher = new Dispatcher();
  const process = new CaseProcess(dispatcher, new ScriptedRandom(['0']));
  const seen: string[] = [];
  const schedule = (ms: number, what: string) => {
    const onEvent = () => void seen.push(`${what} at ${dispatcher.nowNs / 1e6}`);
    process.schedule(Math.round(ms * 1e6), { onEvent }, 0);
  };
  return { dispatcher, process, seen, schedule };
}

describe('the process of clients and backends', () => {
  it('does in one turn, in the order of asking, what is due in one millisecond', () => {
    const { dispatcher, seen, schedule } = processOf();
    schedule(40.9, 'answer');
    schedule(40.2, 'request');
    dispatcher.runUntil(60e6);
    expect(seen).toEqual(['answer at 40.1', 'request at 40.1']);
  });

  it('drops fractions of a millisecond, but waits for one at least', () => {
    const { dispatcher, seen, schedule } = processOf();
    schedule(2.9, 'third');
    schedule(0.2, 'second');
    schedule(0, 'first');
    dispatcher.runUntil(60e6);
    expect(seen).toEqual(['first at 0', 'second at 1.1', 'third at 2.2']);
  });

  it('wakes up whole milliseconds after its last turn', () => {
    const { dispatcher, process, seen, schedule } = processOf();
    schedule(10, 'answer');
    dispatcher.runUntil(4.6e6);
    process.onArrival();
    dispatcher.runUntil(60e6);
    expect(seen).toEqual(['answer at 10.7']);
  });

  it('does what is due when something arrives in the millisecond in which it is', () => {
    const { dispatcher, process, seen, schedule } = processOf();
    dispatcher.runUntil(0.8e6);
    schedule(10, 'answer');
    dispatcher.runUntil(10.3e6);
    process.onArrival();
    dispatcher.runUntil(60e6);
    expect(seen).toEqual(['answer at 10.3']);
  });
});
