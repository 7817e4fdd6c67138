import type { RunResult } from '#scenario/run-result.ts';
import { durationText, NOTHING, shareText } from './format.ts';
import { failureText } from './junit.ts';
import { outcomeText } from './outcome-text.ts';

/**
 * Failed expectations as annotations at their lines.
 *
 * @source https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function githubAnnotations({ expectations, scenario }: RunResult): string {
  return expectations
    .filter(({ holds }) => !holds)
    .map((one) => {
      const place =
        one.at === undefined
          ? `file=${property(scenario)}`
          : `file=${property(one.at.file)},line=${one.at.line},col=${one.at.column}`;
      const text = `${one.name}: ${failureText(one)}`;
      return `::error ${place},title=meshsim::${data(text)}\n`;
    })
    .join('');
}

/** The run as Markdown, for a job's summary. */
export function githubSummary(result: RunResult): string {
  const { title, seed, digest, expectations, clients, responses } = result;
  return [
    `### ${cell(title)}`,
    '',
    `seed ${seed} · digest \`${digest}\``,
    '',
    ...(expectations.length === 0
      ? []
      : [
          '| | expectation | wanted | seen |',
          '| --- | --- | --- | --- |',
          ...expectations.map((one) => {
            const seen = failureText(one).replace(/^wanted .*?, got /, '');
            return `| ${one.holds ? '✅' : '❌'} | ${cell(one.name)} | ${cell(one.is)} | ${cell(seen)} |`;
          }),
          '',
        ]),
    '| client | requests | success | p50 | p99 |',
    '| --- | --: | --: | --: | --: |',
    ...clients.map(({ name, requestCount, successShare, latency }) => {
      const at = (quantile: number) =>
        requestCount === 0 ? NOTHING : durationText(latency.valueAt(quantile));
      const success = requestCount === 0 ? NOTHING : shareText(successShare);
      return `| ${cell(name)} | ${requestCount} | ${success} | ${at(0.5)} | ${at(0.99)} |`;
    }),
    '',
    responses.map(({ code, flags, count }) => `${outcomeText(code, flags)}: ${count}`).join(' · '),
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
