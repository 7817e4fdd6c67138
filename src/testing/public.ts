/** What `meshsim/testing` gives, in Node and in the browser alike. */
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
