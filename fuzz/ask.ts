import { CommanderError } from 'commander';
import { EXIT } from '#cli/exit-code.ts';
import { type ProgramState, program } from '#cli/program.ts';

/** What the command line said and how it ended. */
export interface Answer {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number;
}

/** A run that lasts longer is stopped as Ctrl-C would. */
const PATIENCE_MS = 1500;

/** Asks the command line in this process. What it throws that is no usage error, we are to blame for. */
export async function ask(args: readonly string[]): Promise<Answer> {
  const state: ProgramState = { context: undefined };
  const output = captured(process.stdout);
  const errors = captured(process.stderr);
  const interrupt = setInterval(() => process.emit('SIGINT'), PATIENCE_MS);
  try {
    await program(state).parseAsync(['node', 'meshsim', ...args]);
    return { output: output.end(), errors: errors.end(), exitCode: state.context?.exitCode ?? 0 };
  } catch (error) {
    const said = { output: output.end(), errors: errors.end() };
    if (error instanceof CommanderError) return { ...said, exitCode: EXIT.badInput };
    throw error;
  } finally {
    clearInterval(interrupt);
    output.end();
    errors.end();
  }
}

/** Keeps what is written to a stream instead, until its end. */
function captured(stream: NodeJS.WriteStream): { readonly end: () => string } {
  const { write } = stream;
  const texts: string[] = [];
  stream.write = (text: string | Uint8Array): boolean => {
    texts.push(String(text));
    return true;
  };
  return {
    end: () => {
      stream.write = write;
      return texts.join('');
    },
  };
}
