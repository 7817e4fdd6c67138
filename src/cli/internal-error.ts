import { packageVersion } from './version.ts';

/** Says that we are wrong, and how to tell us. A stack trace only where `MESHSIM_DEBUG` asks for it. */
export function reportInternalError(error: unknown, seed: number | undefined): void {
  const message = error instanceof Error ? error.message : String(error);
  const version = packageVersion();
  const seedText = seed === undefined ? '' : ` · seed ${seed}`;
  const lines = [
    `meshsim: internal error: ${message.split('\n')[0] ?? ''}`,
    `  meshsim ${version}${seedText} · Node ${process.version}`,
    '  This is a bug in meshsim. Please report it with the command line, the files and the lines above:',
    '  open an issue in the repository that `npm view meshsim bugs` names.',
  ];
  if ((process.env['MESHSIM_DEBUG'] ?? '') !== '' && error instanceof Error)
    lines.push(error.stack ?? '');
  process.stderr.write(`${lines.join('\n')}\n`);
}
