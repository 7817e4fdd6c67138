import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dispatcher, type EventTarget, type Timer } from './dispatcher.ts';

class Diary implements EventTarget {
  readonly entries: string[] = [];
  onEvent(event: number, nowNs: number): void {
    this.entries.push(`${nowNs}:${event}`);
  }
}

function diaryAndDispatcher() {
  return { diary: new Diary(), dispatcher: new Dispatcher() };
}

describe('the dispatcher', () => {
  it('lets events happen in order of time, and those at one instant in the order scheduled', () => {
    const { diary, dispatcher } = diaryAndDispatcher();
    dispatcher.schedule(20, diary, 1);
    dispatcher.schedule(10, diary, 2);
    dispatcher.schedule(20, diary, 3);
    dispatcher.schedule(10, diary, 4);
    dispatcher.runUntil(20);
    expect(diary.entries).toEqual(['10:2', '10:4', '20:1', '20:3']);
    expect(dispatcher.nowNs).toBe(20);
  });

  it('lets timers and events at one instant happen in the order scheduled', () => {
    const { diary, dispatcher } = diaryAndDispatcher();
    const late = dispatcher.createTimer(diary, 2);
    const early = dispatcher.createTimer(diary, 1);
    early.enable(10);
    dispatcher.schedule(10, diary, 7);
    late.enable(10);
    dispatcher.schedule(10, diary, 8);
    dispatcher.runUntil(100);
    expect(diary.entries).toEqual(['10:1', '10:7', '10:2', '10:8']);
    expect(dispatcher.nowNs).toBe(100);
  });

  it('never fires a timer that was disabled, and fires one that was enabled again once, anew', () => {
    const { diary, dispatcher } = diaryAndDispatcher();
    const timer = dispatcher.createTimer(diary, 1);
    const other = dispatcher.createTimer(diary, 2);
    timer.enable(10);
    other.enable(10);
    dispatcher.runUntil(5);
    timer.enable(10);
    other.disable();
    expect([timer.isEnabled, other.isEnabled, dispatcher.pendingCount]).toEqual([true, false, 1]);
    dispatcher.runUntil(50);
    expect(diary.entries).toEqual(['15:1']);
    expect([timer.isEnabled, dispatcher.pendingCount]).toEqual([false, 0]);
  });

  it('stops at the given time, keeps what is later, and says when that is', () => {
    const { diary, dispatcher } = diaryAndDispatcher();
    dispatcher.schedule(30, diary, 1);
    dispatcher.createTimer(diary, 2).enable(25);
    expect(dispatcher.nextEventNs).toBe(25);
    dispatcher.runUntil(24);
    expect(diary.entries).toEqual([]);
    expect(dispatcher.runNext()).toBe(true);
    expect(dispatcher.nextEventNs).toBe(30);
    expect(dispatcher.runNext()).toBe(true);
    expect(dispatcher.runNext()).toBe(false);
    expect(dispatcher.nextEventNs).toBe(Number.POSITIVE_INFINITY);
    expect(diary.entries).toEqual(['25:2', '30:1']);
  });

  it('takes events that are scheduled while others happen, at the same instant too', () => {
    const dispatcher = new Dispatcher();
    const seen: string[] = [];
    const target: EventTarget = {
      onEvent(event, nowNs) {
        seen.push(`${nowNs}:${event}`);
        if (event < 3) dispatcher.schedule(0, target, event + 1);
      },
    };
    dispatcher.schedule(5, target, 1);
    dispatcher.schedule(5, target, 9);
    dispatcher.runUntil(5);
    expect(seen).toEqual(['5:1', '5:9', '5:2', '5:3']);
  });

  it('refuses to schedule in the past', () => {
    const { diary, dispatcher } = diaryAndDispatcher();
    dispatcher.runUntil(10);
    expect(() => dispatcher.scheduleAt(9, diary, 1)).toThrow('in the past');
    expect(() => dispatcher.schedule(-1, diary, 1)).toThrow('in the past');
    expect(() => dispatcher.createTimer(diary, 1).enable(-1)).toThrow('in the past');
    expect(() => dispatcher.runUntil(9)).toThrow('time never runs back');
  });

  it('takes whole nanoseconds only: a fraction is a mistake of ours', () => {
    const { diary, dispatcher } = diaryAndDispatcher();
    expect(() => dispatcher.schedule(0.5, diary, 1)).toThrow('whole nanoseconds');
    expect(() => dispatcher.scheduleAt(Number.NaN, diary, 1)).toThrow('in the past');
    expect(() => dispatcher.createTimer(diary, 1).enable(1.25)).toThrow('whole nanoseconds');
    expect(() => dispatcher.runUntil(0.5)).toThrow('whole nanoseconds');
  });

  it('does what a plainly sorted list does, with events, constant and drawn timer delays mixed', () => {
    const step = fc.record({
      kind: fc.constantFrom('event', 'enable', 'disable', 'run'),
      timer: fc.nat(99),
      delayNs: fc.oneof(fc.constantFrom(0, 5, 100, 1e9), fc.nat(200)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const { diary, dispatcher } = diaryAndDispatcher();
        const timers = Array.from({ length: 100 }, (_, id) => dispatcher.createTimer(diary, id));
        const reference = new PlainDispatcher();
        for (const { kind, timer, delayNs } of steps) {
          if (kind === 'event') {
            dispatcher.schedule(delayNs, diary, 1000);
            reference.schedule(delayNs, 1000);
          } else if (kind === 'enable') {
            timers[timer]!.enable(delayNs);
            reference.enable(timer, delayNs);
          } else if (kind === 'disable') {
            timers[timer]!.disable();
            reference.disable(timer);
          } else {
            dispatcher.runUntil(dispatcher.nowNs + delayNs);
            reference.runUntil(reference.nowNs + delayNs);
          }
          expect(dispatcher.pendingCount).toBe(reference.pending.length);
        }
        dispatcher.runUntil(1e12);
        reference.runUntil(1e12);
        expect(diary.entries).toEqual(reference.entries);
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('orders more drawn delays than there are lanes', () => {
    const { diary, dispatcher } = diaryAndDispatcher();
    const timers: Timer[] = [];
    for (let id = 0; id < 500; id++) timers.push(dispatcher.createTimer(diary, id));
    timers.forEach((timer, id) => {
      timer.enable(1 + ((id * 7919) % 1000));
    });
    timers.forEach((timer, id) => {
      if (id % 3 === 0) timer.disable();
    });
    dispatcher.runUntil(1000);
    const expected = timers
      .map((_, id) => ({ id, atNs: 1 + ((id * 7919) % 1000) }))
      .filter(({ id }) => id % 3 !== 0)
      .sort((a, b) => a.atNs - b.atNs || a.id - b.id);
    expect(diary.entries).toEqual(expected.map(({ id, atNs }) => `${atNs}:${id}`));
  });
});

/** The rule, as plainly as it can be written. */
class PlainDispatcher {
  nowNs = 0;
  pending: { atNs: number; sequence: number; event: number; timer: number }[] = [];
  readonly entries: string[] = [];
  #sequence = 0;

  schedule(delayNs: number, event: number, timer = -1): void {
    this.pending.push({ atNs: this.nowNs + delayNs, sequence: this.#sequence++, event, timer });
    this.pending.sort((a, b) => a.atNs - b.atNs || a.sequence - b.sequence);
  }
  enable(timer: number, delayNs: number): void {
    this.disable(timer);
    this.schedule(delayNs, timer, timer);
  }
  disable(timer: number): void {
    this.pending = this.pending.filter((event) => event.timer !== timer);
  }
  runUntil(timeNs: number): void {
    while (this.pending[0] !== undefined && this.pending[0].atNs <= timeNs) {
      const { atNs, event } = this.pending.shift()!;
      this.entries.push(`${atNs}:${event}`);
    }
    this.nowNs = timeNs;
  }
}
