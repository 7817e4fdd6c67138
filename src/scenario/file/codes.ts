/**
 * The diagnostics that reading a scenario can give, by code; documented, never reused.
 * MS0200–MS0249 belong to the scenario file, MS0250–MS0299 to what it says about the mesh.
 */
export const SCENARIO_CODES = {
  MS0201: 'A key that no scenario has.',
  MS0202: 'A value of the wrong form.',
  MS0203: 'A key is missing.',
  MS0204: 'Keys that exclude one another, or a verb is missing.',
  MS0205: 'A number or a time out of its range.',
  MS0206: 'A comparison without quotes: YAML reads `>` and `|` as the start of a block text.',
  MS0207: 'A parameter that is not declared.',
  MS0208: 'A file that is named in the scenario cannot be read.',
  MS0209: 'More items than meshsim reads.',
  MS0210: 'A path outside the folder of the scenario.',
  MS0211: 'Scenarios that extend one another in a circle.',
  MS0212: 'A request that is no METHOD URL.',
  MS0250: 'A workload that the mesh does not have, or that several have.',
  MS0251: 'A host that nobody serves.',
  MS0252: 'A gateway that the mesh does not have.',
  MS0253: 'Services that call one another in a circle.',
  MS0254: 'A client or an external host that the scenario does not have.',
  MS0255: 'Objects of kinds that are not simulated and would change outcomes.',
  MS0256: 'A document replaces an earlier one of the same kind, namespace and name.',
} as const;

export type ScenarioCode = keyof typeof SCENARIO_CODES;
