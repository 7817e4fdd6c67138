/** The package's entry `meshsim/testing` in a browser: files are those that are handed in. */
import { type ScenarioInput, type SimulateOptions, simulateWith } from './simulate.ts';
import type { Simulation } from './simulation.ts';

export * from './public.ts';

/** Runs a scenario file, object or builder to its end. Throws a `ScenarioError` if it cannot be used. */
export function simulate(input: ScenarioInput, options: SimulateOptions = {}): Simulation {
  return simulateWith(undefined, input, options);
}
