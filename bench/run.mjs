#!/usr/bin/env node
// npm run bench [-- --rounds N] [-- --write]: what the simulator costs, as ratios within one run.
//
// Workloads run through the public scenario format with default telemetry, interleaved with the JavaScript and
// C++ limits of the shared peers where they are there; medians over the rounds. --write puts the table into
// docs/performance.md. No test asserts a time.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SHARED = [process.env.MESHSIM_SHARED, join(ROOT, '../shared')].find(
  (path) => path !== undefined && existsSync(join(path, 'bench/peers')),
);
const PEERS = SHARED === undefined ? undefined : resolve(SHARED, 'bench/peers');
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : (process.argv[at + 1] ?? otherwise);
};
const ROUNDS = Number(option('rounds', 5));
/** As many as the peers' own table runs of the JavaScript limit. */
const W1_REQUESTS = 2_000_000;
const PAGE = join(ROOT, 'docs/performance.md');
const BEGIN = '<!-- figures: written by `npm run bench -- --write`, do not edit -->';
const END = '<!-- figures end -->';

const build = mkdtempSync(join(tmpdir(), 'meshsim-bench-'));
try {
  const rows = measureWorkloads();
  const text = [
    workloadTable(rows),
    memoryTable(),
    loadTable(),
    translationTable(),
    pushTable(),
  ].join('\n');
  process.stdout.write(text);
  if (process.argv.includes('--write')) write(text);
} finally {
  rmSync(build, { recursive: true });
}

/** Every workload once a round, so that a slow moment of the machine hits all of them. */
function measureWorkloads() {
  const workloads = [
    ['meshsim W1', () => scenario('w1', W1_REQUESTS)],
    ['meshsim W1 with routes, retries, 1 % failures', () => scenario('w1-full', W1_REQUESTS / 4)],
    ['meshsim four-tier Bookinfo', () => scenario('bookinfo', 50_000)],
    ...peers(),
  ];
  const samples = new Map(workloads.map(([name]) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of workloads) samples.get(name).push(run());
  }
  return [...samples].map(([name, runs]) => ({
    name,
    usPerRequest: median(runs.map((run) => run.usPerRequest)),
    spread: spreadOf(runs.map((run) => run.usPerRequest)),
    digest: runs[0].digest,
  }));
}

function peers() {
  if (PEERS === undefined) return [];
  const list = [
    ['js-limit W1 (calendar)', () => jsLimit('js-limit.mjs', ['w1', W1_REQUESTS, 'calendar'])],
    ['js-limit W1 with the rest of a mesh', () => jsLimit('full.mjs', [W1_REQUESTS, 'all'])],
  ];
  const limit = join(build, 'limit');
  const flags = ['-O3', '-march=native', '-std=c++17', '-o', limit];
  if (spawnSync('g++', [...flags, join(PEERS, 'limit/limit.cpp')]).status === 0) {
    list.push(['C++ limit W1 (calendar)', () => peer(limit, ['w1', W1_REQUESTS, 'calendar'])]);
  }
  if (spawnSync('python3', ['-c', 'import simpy']).status === 0) {
    list.push(['SimPy W1', () => peer('python3', [join(PEERS, 'simpy/bench.py'), 'w1', 20_000])]);
  }
  return list;
}

function scenario(name, requests) {
  const file = `bench/scenarios/${name}/scenario.yaml`;
  const { stdout, stderr } = output(process.execPath, ['bench/scenario-run.mjs', file, requests]);
  const { digest, clients } = JSON.parse(stdout);
  const { cpuUs, maxRssMb } = firstJson(stderr);
  const counts = Object.values(clients).map(({ requestCount }) => requestCount);
  const requestCount = counts.reduce((sum, count) => sum + count, 0);
  return { digest, usPerRequest: cpuUs / requestCount, maxRssMb };
}

function jsLimit(file, args) {
  return peer(process.execPath, [join(PEERS, 'js-limit', file), ...args]);
}

function peer(command, args) {
  const { requests, cpu_s } = child(command, args);
  return { usPerRequest: (cpu_s * 1e6) / requests };
}

function child(command, args) {
  return firstJson(output(command, args).stdout);
}

function output(command, args) {
  const { stdout, stderr, status } = spawnSync(command, args.map(String), {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return { stdout, stderr };
}

/** Of output that may say more: its first line that is an object. */
function firstJson(text) {
  return JSON.parse(text.split('\n').find((line) => line.startsWith('{')));
}

function workloadTable(rows) {
  const unit = rows.find((row) => row.name === 'js-limit W1 (calendar)')?.usPerRequest;
  const lines = rows.map((row) => {
    const ratio = unit === undefined ? '–' : (row.usPerRequest / unit).toFixed(2);
    const spread = `${Math.round(row.spread * 100)} %`;
    return `| ${row.name} | ${row.usPerRequest.toFixed(3)} | ${ratio} | ${spread} | ${row.digest ?? '–'} |`;
  });
  return [
    `CPU a request, median of ${ROUNDS} interleaved rounds; × limit divides by the JavaScript calendar loop.`,
    '',
    '| workload | µs | × limit | spread | digest |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

function memoryTable() {
  const sizes = [1_000_000, 10_000_000];
  const runs = sizes.map((requests) => scenario('w1', requests));
  const ratio = (runs[1].maxRssMb / runs[0].maxRssMb).toFixed(2);
  return [
    '| W1 requests | maximum resident set | ratio |',
    '| --- | --- | --- |',
    `| 1 M | ${Math.round(runs[0].maxRssMb)} MiB | 1 |`,
    `| 10 M | ${Math.round(runs[1].maxRssMb)} MiB | ${ratio} |`,
    '',
  ].join('\n');
}

function loadTable() {
  const meshes = [
    [100, 2, 5],
    [1000, 10, 20],
  ];
  const lines = meshes.map((args) => {
    const run = child(process.execPath, ['bench/load-run.mjs', ...args]);
    const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
    return `| ${run.services} | ${run.pods} | ${seconds(run.readMs)} | ${seconds(run.totalMs)} | ${Math.round(run.maxRssMb)} MiB |`;
  });
  return [
    '| services | pods | reading (CPU) | to the first request (CPU) | maximum resident set |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/** For one sidecar that sees everything, after warm-up. */
function translationTable() {
  const lines = [100, 1000].map((services) => {
    const run = child(process.execPath, ['bench/translation-run.mjs', services]);
    const us = (value) => `${value.toFixed(1)} µs`;
    return `| ${run.services} | ${run.clusters} | ${us(run.usPerCluster)} | ${run.virtualHosts} | ${us(run.usPerVirtualHost)} |`;
  });
  return [
    'CPU of translating after warm-up; a virtual host has ten routes, as each VirtualService.',
    '',
    '| services | clusters | a cluster | virtual hosts | a virtual host |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/** One change, until every proxy of 20 namespaces has it. */
function pushTable() {
  const lines = [100, 1000].map((services) => {
    const run = child(process.execPath, ['bench/push-run.mjs', services, 10, 20, 20]);
    const kinds = ['virtualService', 'destinationRule', 'service', 'endpoint', 'scale'];
    const figures = kinds.map((kind) => `${Math.round(run[`${kind}Ms`])} ms`);
    return `| ${run.services} | ${run.proxies} | ${figures.join(' | ')} |`;
  });
  return [
    'CPU of one change for all proxies together, median of five changes of each kind.',
    '',
    '| services | proxies | VirtualService | DestinationRule | Service | pod gone | scaled |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

function write(text) {
  const page = readFileSync(PAGE, 'utf8');
  const before = page.slice(0, page.indexOf(BEGIN) + BEGIN.length);
  writeFileSync(PAGE, `${before}\n\n${text}\n${page.slice(page.indexOf(END))}`);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function spreadOf(values) {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}
