// The event queue under a steady number of pending events: calendar against 4-ary heap, and what a
// dispatcher, a timer and a request of W1 (six events) cost on top. Usage: node bench/queue.mjs [EVENTS]
import { Dispatcher } from '../dist/modules/kernel/dispatcher.js';
import { EventQueue } from '../dist/modules/kernel/event-queue.js';
import { FarHeap } from '../dist/modules/kernel/far-heap.js';
import { log } from '../dist/modules/kernel/math.js';
import { randomStream } from '../dist/modules/kernel/random.js';

const events = Number(process.argv[2] ?? 2e6);
const cpuSeconds = () => {
  const usage = process.resourceUsage();
  return (usage.userCPUTime + usage.systemCPUTime) / 1e6;
};
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** Nanoseconds of CPU per operation, median of five after one to warm up. */
function measure(operations, run) {
  run();
  const times = [];
  for (let round = 0; round < 5; round++) {
    const startSeconds = cpuSeconds();
    run();
    times.push(((cpuSeconds() - startSeconds) / operations) * 1e9);
  }
  return median(times);
}

const draws = Float64Array.from({ length: 1 << 16 }, (_, index) => {
  const random = draws0(index);
  return Math.floor(-log(1 - random) * 1e9);
});
function draws0(index) {
  return ((Math.imul(index + 1, 0x9e3779b1) >>> 0) + 0.5) / 4294967296;
}

function holdCalendar(pending) {
  const queue = new EventQueue();
  let sequence = 0;
  for (let index = 0; index < pending; index++) queue.push(draws[index & 65535], sequence++);
  return () => {
    for (let index = 0; index < events; index++) {
      const nowNs = queue.timeNsOf(queue.takeUntil(Number.POSITIVE_INFINITY));
      queue.push(nowNs + draws[index & 65535], sequence++);
    }
  };
}

function holdHeap(pending) {
  const heap = new FarHeap();
  const timeNs = new Float64Array(pending);
  let sequence = 0;
  for (let slot = 0; slot < pending; slot++) {
    timeNs[slot] = draws[slot & 65535];
    heap.push(timeNs[slot], sequence++, slot);
  }
  return () => {
    for (let index = 0; index < events; index++) {
      const slot = heap.headSlot();
      heap.removeHead();
      timeNs[slot] += draws[index & 65535];
      heap.push(timeNs[slot], sequence++, slot);
    }
  };
}

console.log('hold: ns per event     pending   calendar   4-ary heap   ratio');
for (const pending of [100, 10_000, 100_000]) {
  const calendar = measure(events, holdCalendar(pending));
  const heap = measure(events, holdHeap(pending));
  console.log(
    `${String(pending).padStart(29)} ${calendar.toFixed(1).padStart(10)} ${heap.toFixed(1).padStart(12)} ${(heap / calendar).toFixed(2).padStart(7)}`,
  );
}

/** Keeps itself going; `timers` of them are armed and cancelled at each event. */
class Ticker {
  constructor(dispatcher, timerCount) {
    this.dispatcher = dispatcher;
    this.timers = Array.from({ length: timerCount }, () => dispatcher.createTimer(this, 1));
    this.at = 0;
  }
  onEvent(event) {
    if (event === 1) throw new Error('a timeout was reached');
    for (const timer of this.timers) timer.disable();
    for (const timer of this.timers) timer.enable(15e9);
    this.dispatcher.schedule(draws[this.at++ & 65535], this, 0);
  }
}
for (const timerCount of [0, 1]) {
  const dispatcher = new Dispatcher();
  for (let index = 0; index < 1000; index++) {
    dispatcher.schedule(index, new Ticker(dispatcher, timerCount), 0);
  }
  const ns = measure(events, () => {
    for (let index = 0; index < events; index++) dispatcher.runNext();
  });
  console.log(
    `dispatcher, 1000 pending, ${timerCount} timers re-armed per event: ${ns.toFixed(1)} ns`,
  );
}

/** W1 of the peers (open loop, six events, ten instances of 16 servers), on pooled request objects. */
class W1 {
  constructor() {
    this.dispatcher = new Dispatcher();
    this.random = randomStream(1, 'w1');
    this.free = [];
    this.active = new Int32Array(10);
    this.busy = new Int32Array(10);
    this.queues = Array.from({ length: 10 }, () => ({ first: null, last: null }));
    this.left = 0;
    this.sumNs = 0;
    this.done = 0;
  }
  exponential(meanNs) {
    return Math.floor(-log(1 - this.random.uniform()) * meanNs);
  }
  onEvent() {
    const request = this.free.pop() ?? new W1Request(this);
    request.startNs = this.dispatcher.nowNs;
    this.dispatcher.schedule(50_000, request, 1);
    if (--this.left > 0) this.dispatcher.schedule(this.exponential(10_000), this, 0);
  }
  run(count) {
    this.left = count;
    this.dispatcher.schedule(0, this, 0);
    while (this.dispatcher.runNext());
  }
}
class W1Request {
  constructor(world) {
    this.world = world;
    this.startNs = 0.5;
    this.host = 0;
    this.next = null;
  }
  onEvent(event, nowNs) {
    const world = this.world;
    switch (event) {
      case 1: {
        const a = world.random.below(10);
        const b = world.random.below(10);
        this.host = world.active[b] < world.active[a] ? b : a;
        world.active[this.host]++;
        world.dispatcher.schedule(200_000, this, 2);
        break;
      }
      case 2:
        world.dispatcher.schedule(50_000, this, 3);
        break;
      case 3:
        if (world.busy[this.host] < 16) {
          world.busy[this.host]++;
          world.dispatcher.schedule(world.exponential(1e6), this, 4);
        } else {
          const queue = world.queues[this.host];
          this.next = null;
          if (queue.first === null) queue.first = this;
          else queue.last.next = this;
          queue.last = this;
        }
        break;
      case 4: {
        const queue = world.queues[this.host];
        const waiting = queue.first;
        if (waiting === null) world.busy[this.host]--;
        else {
          queue.first = waiting.next;
          world.dispatcher.schedule(world.exponential(1e6), waiting, 4);
        }
        world.dispatcher.schedule(250_000, this, 5);
        break;
      }
      default:
        world.active[this.host]--;
        world.sumNs += nowNs - this.startNs;
        world.done++;
        world.free.push(this);
    }
  }
}
const world = new W1();
const requests = Math.floor(events / 6);
const ns = measure(requests, () => world.run(requests));
console.log(
  `W1: ${ns.toFixed(0)} ns per request, ${(ns / 6).toFixed(1)} per event; mean ${(world.sumNs / world.done / 1000).toFixed(0)} us (expected 1551)`,
);
