import type { TextStyle } from '#report/text-style.ts';
import type { Diagnostic } from '#source/diagnostic.ts';
import { diagnosticText, sortedDiagnostics } from '#source/diagnostic-text.ts';
import { printableColoured } from '#source/printable.ts';
import type { SourceFile } from '#source/source-file.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { NodeFiles } from './node-files.ts';
import { textStyle } from './terminal.ts';

/** Options that every command has. */
export interface CommonOptions {
  readonly color?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** One invocation: its files, its streams, and how it ends. */
export class ProgramContext {
  readonly files = new NodeFiles();
  readonly style: TextStyle;
  readonly errorStyle: TextStyle;
  readonly isQuiet: boolean;
  /** What an internal error should name. */
  seed: number | undefined = undefined;
  exitCode: ExitCode = EXIT.ok;

  constructor(options: CommonOptions) {
    const { env, stdout, stderr } = process;
    const facts = (stream: NodeJS.WriteStream) => ({
      isTerminal: stream.isTTY === true,
      columns: stream.columns,
      environment: env,
      color: options.color === false ? false : undefined,
    });
    this.style = textStyle(facts(stdout));
    this.errorStyle = textStyle(facts(stderr));
    this.isQuiet = options.quiet ?? false;
  }

  /** Results. */
  print(text: string): void {
    // What goes into a file stays as it is: it may be a document.
    const { stdout } = process;
    stdout.write(stdout.isTTY === true ? printableColoured(text) : text);
  }

  /** Warnings, progress, hints. */
  say(text: string): void {
    const shown = printableColoured(text);
    process.stderr.write(shown.endsWith('\n') ? shown : `${shown}\n`);
  }

  /** A hint about what to do next; only for people. */
  hint(text: string): void {
    if (!this.isQuiet && process.stderr.isTTY === true) this.say(this.errorStyle.faint(text));
  }

  /** Shows diagnostics with their lines; notes only when asked for. True if one is an error. */
  report(
    diagnostics: readonly Diagnostic[],
    files: readonly SourceFile[],
    showsNotes: boolean,
  ): boolean {
    const byName = new Map(files.map((file) => [file.name, file]));
    const lineOf = (file: string, line: number) => byName.get(file)?.line(line);
    for (const diagnostic of sortedDiagnostics(diagnostics)) {
      if (diagnostic.severity === 'info' && !showsNotes) continue;
      if (diagnostic.severity === 'warning' && this.isQuiet) continue;
      this.say(diagnosticText(diagnostic, lineOf));
    }
    return diagnostics.some(({ severity }) => severity === 'error');
  }

  /** A worse end wins. */
  endWith(code: ExitCode): void {
    if (code > this.exitCode) this.exitCode = code;
  }
}

/** Starts an invocation, when its options are known. */
export type Begin = () => ProgramContext;
