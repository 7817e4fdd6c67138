/** CPU time and bytes of one turn of a loop: the median of five rounds, after a warm-up. One line. */
export function printMeasured(what, width, count, run) {
  run(2e5);
  const times = [];
  let bytes = 0;
  for (let round = 0; round < 5; round++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    const start = process.cpuUsage();
    run(count);
    const { user, system } = process.cpuUsage(start);
    times.push(((user + system) * 1000) / count);
    bytes = Math.max(0, process.memoryUsage().heapUsed - before) / count;
  }
  const ns = times.sort((a, b) => a - b)[2].toFixed(1);
  console.log(`${what.padEnd(width)} ${ns.padStart(7)} ns ${bytes.toFixed(1).padStart(7)} B`);
}
