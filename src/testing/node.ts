/** The package's entry `meshsim/testing` in Node: files are read from the disk. */
import { NodeFiles } from '#cli/node-files.ts';
import { type ScenarioInput, type SimulateOptions, simulateWith } from './simulate.ts';
import type { Simulation } from './simulation.ts';

export { type MatcherResult, type MeshsimMatchers, matchers } from './matchers.ts';
export type { QueryAnswer, Verdict } from './query-answer.ts';
export { ScenarioBuilder, scenario } from './scenario-builder.ts';
export { ScenarioError } from './scenario-error.ts';
export type {
  ClientObject,
  ExpectationObject,
  KubernetesObject,
  ScenarioObject,
  ScenarioValue,
  StepObject,
  WorkloadObject,
} from './scenario-object.ts';
export type { ScenarioInput, SimulateOptions } from './simulate.ts';
export type { Simulation } from './simulation.ts';

/** Runs a scenario file, object or builder to its end. Throws a `ScenarioError` if it cannot be used. */
export function simulate(input: ScenarioInput, options: SimulateOptions = {}): Simulation {
  return simulateWith(new NodeFiles(), input, options);
}
