import type { ScenarioFileSystem } from './file-system.ts';
import { textAt } from './path-overrides.ts';
import { childOf } from './scenario-node.ts';
import { ScenarioSources } from './scenario-sources.ts';
import { Report } from './shape.ts';

/** What a scenario says of a parameter or at a path, as text; undefined where it says nothing. */
export function scenarioValue(
  file: string,
  key: string,
  fileSystem: ScenarioFileSystem,
): string | undefined {
  const sources = new ScenarioSources(file, fileSystem, true);
  const tree = sources.tree(file, new Report());
  const params = childOf(tree, 'params');
  const parameter = params && textAt(params, key);
  return parameter ?? (tree && textAt(tree, key));
}
