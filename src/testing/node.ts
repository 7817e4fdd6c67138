/** The package's entry `meshsim/testing` in Node: files are read from the disk. */
import { NodeFiles } from '#cli/node-files.ts';
import { type ScenarioInput, type SimulateOptions, simulateWith } from './simulate.ts';
import type { Simulation } from './simulation.ts';

export * from './public.ts';

/** Runs a scenario file, object or builder to its end. Throws a `ScenarioError` if it cannot be used. */
export function simulate(input: ScenarioInput, options: SimulateOptions = {}): Simulation {
  return simulateWith(new NodeFiles(), input, options);
}
