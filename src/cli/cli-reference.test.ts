import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { cliReference } from './cli-reference.ts';
import { program } from './program.ts';

const PAGE = fileURLToPath(new URL('../../docs/reference/cli.md', import.meta.url));

describe('the reference of the command line', () => {
  const root = program({ context: undefined });

  it('is what the table of commands says', async () => {
    await expect(cliReference(root)).toMatchFileSnapshot(PAGE);
  });

  it('describes every command and every option', () => {
    for (const command of root.commands) {
      expect(command.description(), command.name()).not.toBe('');
      for (const { flags, description, argChoices } of command.options)
        expect(description || argChoices, `${command.name()} ${flags}`).toBeTruthy();
    }
  });
});
