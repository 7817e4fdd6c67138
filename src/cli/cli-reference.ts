import type { Command, Option } from 'commander';

/** Every command with its arguments and options, as `docs/reference/cli.md` prints it. */
export function cliReference(root: Command): string {
  return [
    '# Command line',
    '',
    'Printed from the table of commands; `npx vitest run --project unit src/cli/cli-reference.test.ts -u`',
    'prints it anew.',
    '',
    'Exit codes: `0` everything held · `1` an expectation, test or comparison failed, or `analyze` found an',
    'error · `2` bad input or usage · `3` internal error · `130` interrupted. (k6 ends with `99` for a failed',
    'threshold, istioctl `analyze` with `79` for findings: meshsim ends with `1`.)',
    '',
    '## Options of every command',
    '',
    ...optionTable(root.options),
    ...root.commands.flatMap(commandLines),
  ].join('\n');
}

function commandLines(command: Command): readonly string[] {
  const aliases = command.aliases();
  const usage = `meshsim ${command.name()} ${command.usage()}`.trim();
  return [
    `## ${command.name()}`,
    '',
    `${sentence(command.description())}${aliases.length === 0 ? '' : ` Also \`${aliases.join('`, `')}\`.`}`,
    '',
    `    ${usage}`,
    '',
    ...(command.registeredArguments.length === 0
      ? []
      : [
          '| argument | |',
          '| --- | --- |',
          ...command.registeredArguments.map(
            (argument) =>
              `| \`${argument.name()}\` | ${cell(argument.description)}.${defaultText(argument.defaultValue)} |`,
          ),
          '',
        ]),
    ...optionTable(command.options),
  ];
}

function optionTable(options: readonly Option[]): readonly string[] {
  const shown = options.filter(({ hidden }) => !hidden);
  if (shown.length === 0) return [];
  return ['| option | |', '| --- | --- |', ...shown.map(optionLine), ''];
}

function optionLine({ flags, description, argChoices, defaultValue }: Option): string {
  const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`;
  const text = `${cell(description)}${choices}`.replace(/^: /, '');
  return `| \`${cell(flags)}\` | ${text}.${defaultText(defaultValue)} |`;
}

function defaultText(value: unknown): string {
  return typeof value === 'string' && value !== '' ? ` Default: \`${cell(value)}\`.` : '';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
