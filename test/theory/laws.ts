import type { Latency } from '#world/latency.ts';
import {
  amplification,
  erlangB,
  meanQueueOfChoices,
  mmck,
  waitOfMG1,
  waitOfMMc,
} from './formulas.ts';
import { type Estimate, estimateOf, estimateOfMeans } from './interval.ts';
import { runRetries } from './retry-run.ts';
import { runWorkload, type WorkloadPlan } from './workload-run.ts';

/** A law of queueing theory with parameters under which it is held against the simulator. */
export interface Law {
  readonly name: string;
  readonly cases: readonly LawCase[];
}

export interface LawCase {
  readonly name: string;
  readonly expected: number;
  /** `requestCount` requests, a tenth of them a warm-up. */
  simulate(requestCount: number, seed: number): Estimate;
}

const SERVICE_MS = 10;
const EXPONENTIAL: Latency = { kind: 'exponential', meanNs: SERVICE_MS * 1e6 };
/** Utilisations up to 0.9. */
const TWENTY = Array.from({ length: 20 }, (_, index) => 0.05 + (0.85 * index) / 19);

/** Servers and utilisations of the systems with several servers. */
const SEVERAL: readonly (readonly [servers: number, utilisation: number])[] = [
  ...[0.3, 0.6, 0.8, 0.9].map((utilisation) => [2, utilisation] as const),
  ...[0.3, 0.6, 0.8, 0.9].map((utilisation) => [4, utilisation] as const),
  ...[0.5, 0.7, 0.85, 0.9].map((utilisation) => [8, utilisation] as const),
  ...[0.6, 0.75, 0.85, 0.9].map((utilisation) => [16, utilisation] as const),
  ...[0.7, 0.8, 0.87, 0.9].map((utilisation) => [64, utilisation] as const),
];

function planOf(
  servers: number,
  utilisation: number,
  behaviour: WorkloadPlan['behaviour'],
): Omit<WorkloadPlan, 'seed' | 'requestCount'> {
  return {
    ratePerSecond: (utilisation * servers * 1000) / SERVICE_MS,
    behaviour: { latency: EXPONENTIAL, concurrency: servers, ...behaviour },
  };
}

/** A law about the time that a request spends in the system. */
function sojournCase(
  name: string,
  plan: Omit<WorkloadPlan, 'seed' | 'requestCount'>,
  expectedMs: number,
): LawCase {
  return {
    name,
    expected: expectedMs,
    simulate: (requestCount, seed) =>
      estimateOf(runWorkload({ ...plan, requestCount, seed }).sojournsMs),
  };
}

function lossCase(
  name: string,
  plan: Omit<WorkloadPlan, 'seed' | 'requestCount'>,
  expected: number,
): LawCase {
  return {
    name,
    expected,
    simulate: (requestCount, seed) =>
      estimateOf(runWorkload({ ...plan, requestCount, seed }).losses),
  };
}

const mm1: Law = {
  name: 'M/M/1, mean time',
  cases: TWENTY.map((utilisation) =>
    sojournCase(
      `ρ=${utilisation.toFixed(3)}`,
      planOf(1, utilisation, {}),
      SERVICE_MS / (1 - utilisation),
    ),
  ),
};

const mmc: Law = {
  name: 'M/M/c, mean time',
  cases: SEVERAL.map(([servers, utilisation]) => {
    const ratePerMs = (utilisation * servers) / SERVICE_MS;
    const expected = SERVICE_MS + waitOfMMc(servers, ratePerMs, SERVICE_MS);
    return sojournCase(`c=${servers} ρ=${utilisation}`, planOf(servers, utilisation, {}), expected);
  }),
};

const mmckLosses: Law = {
  name: 'M/M/c/K, share lost',
  cases: SEVERAL.map(([servers, utilisation], index) => {
    const queue = 1 + (index % 4) * 2;
    const { lost } = mmck(servers, servers + queue, utilisation * servers);
    const plan = planOf(servers, utilisation, { queue });
    return lossCase(`c=${servers} K=${servers + queue} ρ=${utilisation}`, plan, lost);
  }),
};

const mmckTimes: Law = {
  name: 'M/M/c/K, mean number in the system',
  cases: SEVERAL.map(([servers, utilisation], index) => {
    const queue = 1 + (index % 4) * 2;
    const plan = planOf(servers, utilisation, { queue });
    return {
      name: `c=${servers} K=${servers + queue} ρ=${utilisation}`,
      expected: mmck(servers, servers + queue, utilisation * servers).inSystem,
      simulate: (requestCount, seed) =>
        estimateOfMeans(runWorkload({ ...plan, requestCount, seed }).meanInSystem),
    };
  }),
};

/** Not so idle that nobody is lost. */
const LOSSY: readonly (readonly [servers: number, utilisation: number])[] = [
  ...[0.2, 0.4, 0.6, 0.9].map((utilisation) => [1, utilisation] as const),
  ...[0.3, 0.5, 0.7, 0.9].map((utilisation) => [2, utilisation] as const),
  ...[0.4, 0.6, 0.75, 0.9].map((utilisation) => [5, utilisation] as const),
  ...[0.5, 0.7, 0.8, 0.9].map((utilisation) => [10, utilisation] as const),
  ...[0.75, 0.8, 0.85, 0.9].map((utilisation) => [30, utilisation] as const),
];

const erlang: Law = {
  name: 'Erlang B, share lost',
  cases: LOSSY.map(([servers, utilisation]) =>
    lossCase(
      `c=${servers} ρ=${utilisation}`,
      planOf(servers, utilisation, { queue: 0 }),
      erlangB(servers, utilisation * servers),
    ),
  ),
};

const MS = 1e6;

/** Service laws with a mean of 10 ms and their squared coefficient of variation. */
const SERVICES: readonly (readonly [name: string, latency: Latency, variation: number])[] = [
  ['D', { kind: 'constant', ns: 10 * MS }, 0],
  ['uniform', { kind: 'uniform', fromNs: 0, toNs: 20 * MS }, 1 / 3],
  ['gamma 4', { kind: 'gamma', meanNs: 10 * MS, shape: 4 }, 1 / 4],
  ['gamma 0.5', { kind: 'gamma', meanNs: 10 * MS, shape: 0.5 }, 2],
  // A mix of 5 ms with 80 % and 30 ms with 20 %: E[S²] = 200 ms².
  [
    'two sizes',
    {
      kind: 'mix',
      parts: [
        { weight: 4, latency: { kind: 'constant', ns: 5 * MS } },
        { weight: 1, latency: { kind: 'constant', ns: 30 * MS } },
      ],
    },
    1,
  ],
];

const mg1: Law = {
  name: 'M/G/1, mean time (Pollaczek–Khinchine)',
  cases: SERVICES.flatMap(([name, latency, variation]) =>
    [0.3, 0.6, 0.8, 0.9].map((utilisation) => {
      const secondMoment = SERVICE_MS ** 2 * (1 + variation);
      const expected = SERVICE_MS + waitOfMG1(utilisation / SERVICE_MS, SERVICE_MS, secondMoment);
      return sojournCase(`${name} ρ=${utilisation}`, planOf(1, utilisation, { latency }), expected);
    }),
  ),
};

const little: Law = {
  name: 'Little’s law, mean number that waits',
  cases: SEVERAL.map(([servers, utilisation]) => {
    const ratePerMs = (utilisation * servers) / SERVICE_MS;
    return {
      name: `c=${servers} ρ=${utilisation}`,
      expected: ratePerMs * waitOfMMc(servers, ratePerMs, SERVICE_MS),
      simulate: (requestCount, seed) =>
        estimateOfMeans(
          runWorkload({ ...planOf(servers, utilisation, {}), requestCount, seed }).meanInQueue,
        ),
    };
  }),
};

/** Many instances: what is left of their number in the formula is less than the interval. */
const CHOICE_INSTANCES = 2000;

const choices: Law = {
  name: 'the power of d choices, mean number in a queue',
  cases: [2, 3, 4, 5].flatMap((count) =>
    [0.5, 0.7, 0.8, 0.85, 0.9].map((utilisation) => ({
      name: `d=${count} ρ=${utilisation} n=${CHOICE_INSTANCES}`,
      expected: meanQueueOfChoices(count, utilisation),
      simulate: (requestCount: number, seed: number): Estimate => {
        const { meanInSystem } = runWorkload({
          ...planOf(1, utilisation, {}),
          ratePerSecond: (utilisation * CHOICE_INSTANCES * 1000) / SERVICE_MS,
          instanceCount: CHOICE_INSTANCES,
          choiceCount: count,
          requestCount,
          seed,
        });
        const perInstance = meanInSystem.map((number) => number / CHOICE_INSTANCES);
        return estimateOfMeans(perInstance);
      },
    })),
  ),
};

/** So many retries that 1/(1−p) is all there is, and as many as people write. */
const RETRIES: readonly (readonly [failing: number, retries: number])[] = [
  ...[0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((failing) => [failing, 60] as const),
  ...[0.1, 0.3, 0.5, 0.9].map((failing) => [failing, 1] as const),
  ...[0.1, 0.3, 0.5, 0.9].map((failing) => [failing, 2] as const),
  ...[0.1, 0.3, 0.5, 0.9].map((failing) => [failing, 3] as const),
];

const retryAmplification: Law = {
  name: 'retries, attempts per request through an Envoy',
  cases: RETRIES.map(([failing, retries]) => ({
    name: `p=${failing} retries=${retries}`,
    expected: amplification(failing, retries),
    simulate: (requestCount, seed) =>
      estimateOf(runRetries({ failingShare: failing, retries, requestCount, seed })),
  })),
};

/** Every law; all but the last are about workloads without proxies. */
export const LAWS: readonly Law[] = [
  mm1,
  mmc,
  mmckLosses,
  mmckTimes,
  erlang,
  mg1,
  little,
  choices,
  retryAmplification,
];
