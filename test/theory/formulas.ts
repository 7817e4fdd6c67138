/** Closed forms of queueing theory; rates per time unit, times in the same unit. */

/** Erlang's B: the share that c servers without a waiting room lose. */
export function erlangB(serverCount: number, offered: number): number {
  let blocking = 1;
  for (let c = 1; c <= serverCount; c++) blocking = (offered * blocking) / (c + offered * blocking);
  return blocking;
}

/** Erlang's C: the share that has to wait for one of c servers. */
export function erlangC(serverCount: number, offered: number): number {
  const blocking = erlangB(serverCount, offered);
  const utilisation = offered / serverCount;
  return blocking / (1 - utilisation * (1 - blocking));
}

/** The mean wait in M/M/c. */
export function waitOfMMc(serverCount: number, rate: number, serviceTime: number): number {
  const offered = rate * serviceTime;
  return (erlangC(serverCount, offered) * serviceTime) / (serverCount - offered);
}

/** M/M/c/K, K places in all: who is lost, and the mean number in the system. */
export function mmck(
  serverCount: number,
  places: number,
  offered: number,
): { readonly lost: number; readonly inSystem: number } {
  let weight = 1;
  let sum = 1;
  let weighted = 0;
  for (let n = 1; n <= places; n++) {
    weight *= offered / Math.min(n, serverCount);
    sum += weight;
    weighted += n * weight;
  }
  return { lost: weight / sum, inSystem: weighted / sum };
}

/** Pollaczek and Khinchine: the mean wait in M/G/1. */
export function waitOfMG1(rate: number, mean: number, secondMoment: number): number {
  return (rate * secondMoment) / (2 * (1 - rate * mean));
}

/**
 * The share of servers with at least k requests when each goes to the shortest of `choices` queues among
 * many, and so the mean number a server has.
 *
 * @source M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (1996), §3
 */
export function shareWithAtLeast(k: number, choices: number, utilisation: number): number {
  return utilisation ** ((choices ** k - 1) / (choices - 1));
}

export function meanQueueOfChoices(choices: number, utilisation: number): number {
  let sum = 0;
  for (let k = 1; k < 200; k++) {
    const share = shareWithAtLeast(k, choices, utilisation);
    sum += share;
    if (share < 1e-12) break;
  }
  return sum;
}

/** Attempts per request when each fails with p and is repeated up to `retries` times. */
export function amplification(failing: number, retries: number): number {
  return (1 - failing ** (retries + 1)) / (1 - failing);
}
