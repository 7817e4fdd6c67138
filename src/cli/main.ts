#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT } from './exit-code.ts';
import { reportInternalError } from './internal-error.ts';
import { type ProgramState, program, SHORT_HELP } from './program.ts';

/** A reader that went away (`meshsim … | head`) is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

const state: ProgramState = { context: undefined };
try {
  if (process.argv.length <= 2) process.stdout.write(SHORT_HELP);
  else await program(state).parseAsync(process.argv);
  process.exitCode = state.context?.exitCode ?? EXIT.ok;
} catch (error) {
  // Commander has said what is wrong with the usage, or printed help.
  if (error instanceof CommanderError)
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
  else {
    reportInternalError(error, state.context?.seed);
    process.exitCode = EXIT.internal;
  }
}
