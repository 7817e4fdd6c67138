// Runs one scenario as `meshsim run FILE -o json` does, in a process of its own, and says on standard error what it
// cost, as JSON: CPU is user + system of all threads around loading, translating and running; the interpreter's
// start and the program's modules are out, compiling, garbage collection and their threads are in: as the peers of
// the benchmark count it.
// Usage: node bench/scenario-run.mjs FILE [REQUESTS]
import { program } from '../dist/cli/program.js';

const [node, self, file, requests] = process.argv;
const set = requests === undefined ? [] : ['--set', `requests=${requests}`];
const { user, system } = process.cpuUsage();
await program({ context: undefined }).parseAsync([
  node,
  self,
  'run',
  file,
  ...set,
  '--allow-outside',
  '--reproducible',
  '-o',
  'json',
]);
const cpu = process.cpuUsage();
process.stderr.write(
  `${JSON.stringify({
    cpuUs: cpu.user + cpu.system - user - system,
    maxRssMb: process.resourceUsage().maxRSS / 1024,
  })}\n`,
);
