import type { Diagnostic, Place } from '#source/diagnostic.ts';
import type { SourceFile } from '#source/source-file.ts';
import { readYaml } from '#source/yaml-read.ts';
import { extended } from './extending.ts';
import type { ScenarioFileSystem } from './file-system.ts';
import { MAX_EXTENDS } from './limits.ts';
import { folderOf, isInside, pathFrom } from './paths.ts';
import { childOf, type ScenarioNode, scenarioNode } from './scenario-node.ts';
import type { Report } from './shape.ts';

/**
 * Reads the files that a scenario consists of and names: itself, what it extends, its samples. Paths
 * are relative to the file that names them, and must lie in the folder of the scenario.
 */
export class ScenarioSources {
  /** Every text that was read, for showing the lines of diagnostics. */
  readonly files: SourceFile[] = [];
  readonly #root: string;
  readonly #fileSystem: ScenarioFileSystem;
  readonly #mayLeaveFolder: boolean;

  constructor(scenarioPath: string, fileSystem: ScenarioFileSystem, mayLeaveFolder: boolean) {
    this.#root = folderOf(scenarioPath);
    this.#fileSystem = fileSystem;
    this.#mayLeaveFolder = mayLeaveFolder;
  }

  /** The tree of a scenario with everything it extends; undefined after a diagnostic. */
  tree(
    path: string,
    report: Report,
    at?: Place,
    chain: readonly string[] = [],
  ): ScenarioNode | undefined {
    if (chain.includes(path) || chain.length > MAX_EXTENDS)
      return report.error('MS0211', at, `${[...chain, path].join(' extends ')}`);
    const content = this.#fileSystem.readFile(path);
    if ('problem' in content)
      return report.error('MS0208', at, `cannot read ${path}: ${content.problem}`);
    const own = this.#parse(path, content.text, report);
    const base = childOf(own, 'extends');
    if (own === undefined || base?.kind !== 'scalar' || typeof base.value !== 'string') return own;
    const basePath = this.resolve(base.value, base.at, report);
    if (basePath === undefined) return undefined;
    const below = this.tree(basePath, report, base.at, [...chain, path]);
    return below === undefined ? undefined : extended(below, own);
  }

  /** A path that a file names, seen from the working folder; undefined after a diagnostic. */
  resolve(path: string, at: Place, report: Report): string | undefined {
    if (path === '-') return path;
    const resolved = pathFrom(folderOf(at.file), path);
    if (this.#mayLeaveFolder || isInside(this.#root, resolved)) return resolved;
    const hint = 'a scenario names files of its own folder only; --allow-outside lifts that';
    return report.error('MS0210', at, `${path} lies outside the folder of the scenario`, hint);
  }

  /** The text of a named file; undefined after a diagnostic. */
  text(path: string, at: Place, report: Report): string | undefined {
    const resolved = this.resolve(path, at, report);
    if (resolved === undefined) return undefined;
    const content = this.#fileSystem.readFile(resolved);
    if ('text' in content) return content.text;
    return report.error('MS0208', at, `cannot read ${path}: ${content.problem}`);
  }

  #parse(path: string, text: string, report: Report): ScenarioNode | undefined {
    const { file, documents, diagnostics } = readYaml(path, text, 'yaml-1.2');
    this.files.push(file);
    const said = new Set<number>();
    report.diagnostics.push(...diagnostics.flatMap((found) => withHint(found, file, said)));
    if (diagnostics.some(({ severity }) => severity === 'error')) return undefined;
    const [document, other] = documents;
    const isManifest =
      document !== undefined && childOf(scenarioNode(document), 'kind') !== undefined;
    if (other !== undefined || isManifest) {
      const hint = 'a scenario is one document with mesh: and clients:';
      return report.error(
        'MS0202',
        other?.placeOf([]) ?? file.placeOf(0, 1),
        'this is no scenario',
        hint,
      );
    }
    if (document === undefined || document.value === null)
      return report.error('MS0202', file.placeOf(0, 1), 'the scenario is empty');
    return scenarioNode(document);
  }
}

/**
 * What YAML says of a line, with what was probably meant. One mistake brings many messages: of a line
 * whose mistake is known, the first is enough.
 */
function withHint(found: Diagnostic, file: SourceFile, said: Set<number>): readonly Diagnostic[] {
  const number = found.at?.line;
  const line = number === undefined ? '' : file.line(number);
  const query = /\bthat:\s*([^'"\s|>{][^'"{]*\{[^}]*\}[^\s,}]*)/.exec(line.slice(0, 500))?.[1];
  const isComparison = /\bis:\s*[>|]/.test(line);
  const isParameter = line.includes('${');
  if (number !== undefined && (query !== undefined || isComparison)) {
    if (said.has(number)) return [];
    said.add(number);
  }
  if (query !== undefined) {
    const also = isComparison ? `, ${comparisonHint(line)}` : '';
    return [{ ...found, hint: `put the query in quotes: that: '${query}'${also}` }];
  }
  if (isComparison)
    return [{ ...found, code: 'MS0206', hint: `put it in quotes: ${comparisonHint(line)}` }];
  return [isParameter ? { ...found, hint: PARAMETER_HINT } : found];
}

const PARAMETER_HINT = 'quote a value with ${…} inside { } or [ ]: { rate: "${rate}" }';

/** The very comparison, quoted. */
function comparisonHint(line: string): string {
  const [, value] = /\bis:\s*([>|][^,}]*?)\s*(?:[,}].*)?$/.exec(line) ?? [];
  return value === undefined ? COMPARISON_EXAMPLE : `is: "${value}"`;
}

const COMPARISON_EXAMPLE = 'is: "> 5"';
