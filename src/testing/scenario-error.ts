import type { Diagnostic } from '#source/diagnostic.ts';
import { diagnosticText, sortedDiagnostics } from '#source/diagnostic-text.ts';
import type { SourceFile } from '#source/source-file.ts';

/** A scenario, its manifests or a query cannot be used; the message shows where and what to write. */
export class ScenarioError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]) {
    const byName = new Map(files.map((file) => [file.name, file]));
    const lineOf = (file: string, line: number) => byName.get(file)?.line(line);
    const errors = sortedDiagnostics(diagnostics.filter(({ severity }) => severity === 'error'));
    super(errors.map((error) => diagnosticText(error, lineOf)).join('\n'));
    this.name = 'ScenarioError';
    this.diagnostics = diagnostics;
  }
}
