import type { ExpectationOutcome, RunResult } from '#scenario/run-result.ts';
import { expectationLines, quantityText } from './expectation-text.ts';
import { NOTHING } from './format.ts';
import { PLAIN_STYLE } from './text-style.ts';

/** Expectations as test cases of one suite, as CI servers read them. */
export function junitXml(result: RunResult): string {
  const { expectations, title, scenario, durationNs } = result;
  const failureCount = expectations.filter(({ holds }) => !holds).length;
  const seconds = (durationNs / 1e9).toFixed(3);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${expectations.length}" failures="${failureCount}">`,
    `  <testsuite name="${escaped(title)}" tests="${expectations.length}" failures="${failureCount}" errors="0" skipped="0" time="${seconds}">`,
    '    <properties>',
    `      <property name="seed" value="${result.seed}"/>`,
    `      <property name="digest" value="${result.digest}"/>`,
    '    </properties>',
    ...expectations.flatMap((one) => caseLines(one, result, scenario)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseLines(
  one: ExpectationOutcome,
  result: RunResult,
  scenario: string,
): readonly string[] {
  const { name, at, holds } = one;
  const place = at === undefined ? '' : ` file="${escaped(at.file)}" line="${at.line}"`;
  const head = `    <testcase classname="${escaped(scenario)}" name="${escaped(name)}"${place}`;
  if (holds) return [`${head}/>`];
  const details = expectationLines({ ...result, expectations: [one] }, PLAIN_STYLE).slice(1);
  return [
    `${head}>`,
    `      <failure message="${escaped(failureText(one))}">${escaped(details.join('\n'))}</failure>`,
    '    </testcase>',
  ];
}

/** `wanted < 250ms, got 300ms` */
export function failureText({ is, value, dimension, remark }: ExpectationOutcome): string {
  const seen = value === undefined ? NOTHING : quantityText(value, dimension);
  return `wanted ${is}, got ${seen}${remark === undefined ? '' : ` (${remark})`}`;
}

/** XML 1.0 has no way to write most control characters. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '?');
}
