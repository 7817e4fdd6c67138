import { LABEL_CATALOGUE } from '#telemetry/label-catalogue.ts';
import { METRIC_CATALOGUE } from '#telemetry/query/metric.ts';
import { RESPONSE_FLAGS } from '#telemetry/response-flags.ts';

const FORMS = { count: 'count', durations: 'durations', gauge: 'gauge' } as const;

/**
 * `docs/reference/metrics.md`: every metric and label that an expectation may name, printed from the
 * tables that the reader of queries uses.
 */
export function metricReference(): string {
  const metrics = [...METRIC_CATALOGUE.values()].map(
    ({ name, form, says }) => `| \`${name}\` | ${FORMS[form]} | ${says} |`,
  );
  const labels = [...LABEL_CATALOGUE.values()].map(
    ({ name, origin, says }) =>
      `| \`${name}\` | ${origin === 'istio' ? 'Istio' : 'meshsim'} | ${says} |`,
  );
  const flags = RESPONSE_FLAGS.map(([short, long]) => `| \`${short}\` | ${long} |`);
  return `# Metrics and labels

What an expectation (\`expect:\` of a scenario) may ask for. Printed from the code; do not edit.

## Metrics

A count stands for itself: \`requests{response_code="503"}\`. Of durations there are \`p50()\` … \`p999()\`, \`mean()\`,
\`max()\` and \`count()\`; of gauges \`mean()\` and \`max()\`, of the sum over all that match. \`rate(A)\` is a count
per second of its window, \`share(A of B)\` and \`A / B\` are shares; \`+ - * /\` and parentheses as usual.

The client side is meant, as with \`reporter="source"\`, so that nothing is counted at both ends: of requests and latency unless
\`reporter\` is asked for, of attempts, overflows and gauges unless \`reporter\` or a cluster is.

| metric | is a | what |
| --- | --- | --- |
${metrics.join('\n')}

## Labels

Selectors are PromQL's: \`{label="x", label!="x", label=~"re", label!~"re"}\`, regular expressions are RE2 and match
the whole value. What is not known is \`unknown\`, as in a mesh.

| label | of | what |
| --- | --- | --- |
${labels.join('\n')}

## Comparisons

| \`is:\` | holds when |
| --- | --- |
| \`< X\`, \`<= X\`, \`> X\`, \`>= X\`, \`== X\` | the value is below, at most, above, at least, exactly X |
| \`A..B\` | the value is from A to B, both included |
| \`X ± Y\`, \`X +- Y\` | the value is at most Y away from X; warned about when the sample is too small to tell |
| \`~X\` | X lies in the 99 % interval of what was seen: exact binomial of a share, Poisson of a count, batch means of a mean |

Shares take a percentage (\`10%\`), durations a duration (\`250ms\`), rates a rate (\`50/s\`), counts a plain number.

With a true share of 10 %, 99 % of runs show 0–4 of 10, 3–18 of 100, 76–125 of 1000 and about 923–1077 of 10 000.

An expectation whose selector matched nothing fails and names the closest label values, unless \`or_empty: true\`. A value of
\`response_code\`, \`response_flags\`, \`grpc_response_status\`, \`attempt\` or \`limit\` that never occurred is a count of zero.

## Response flags

In a record they stand in the order in which they were set: \`URX,UF\`.

| flag | Envoy's name |
| --- | --- |
${flags.join('\n')}
`;
}
