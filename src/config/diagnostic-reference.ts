import { SOURCE_CODES } from '#source/codes.ts';
import { formatMessage, MESSAGE_TYPES, type MessageType } from './analysis/messages.ts';
import { PITFALL_TYPES } from './analysis/pitfall-types.ts';
import { CONFIG_CODES } from './codes.ts';

/** What istioctl's analyzers say and meshsim doesn't, with the reason. */
const LEFT_OUT: readonly (readonly [string, string])[] = [
  ['IST0001', 'an internal failure of istioctl'],
  ['IST0126, IST0170', 'several clusters'],
  ['IST0136', 'istioctl leaves the analyzer out too'],
  ['IST0139, IST0163, IST0164', 'webhooks and external control planes'],
  ['IST0141, IST0142, IST0156, IST0168, IST0169, IST0172, IST0176', 'questions to a live cluster'],
  ['IST0143', 'needs what a container listens on'],
  ['IST0158', 'images of running proxies'],
  ['IST0161', 'the content of Secrets is not read'],
];

/** The reference of diagnostics about manifests, as Markdown: printed from the tables. */
export function diagnosticReference(): string {
  return [
    '# Diagnostics about manifests',
    '',
    'Printed from the tables in `src/source` and `src/config`; a test holds this page to them.',
    "Codes `IST…` are Istio's, with its words; `MS…` are meshsim's. A code is never reused.",
    '',
    '## Reading files',
    '',
    ...sentences(SOURCE_CODES),
    '',
    '## Reading and admitting objects',
    '',
    ...sentences(CONFIG_CODES),
    '',
    '## Valid, and yet not what it seems: `meshsim analyze`',
    '',
    ...messages(PITFALL_TYPES),
    '',
    "## Istio's own: `meshsim analyze`",
    '',
    ...messages(MESSAGE_TYPES),
    '',
    '### What istioctl says and meshsim does not',
    '',
    '| code | why |',
    '| --- | --- |',
    ...LEFT_OUT.map(([code, why]) => `| ${code} | ${why} |`),
    '',
  ].join('\n');
}

function sentences(codes: Readonly<Record<string, string>>): readonly string[] {
  const rows = Object.entries(codes).map(([code, sentence]) => `| ${code} | ${sentence} |`);
  return ['| code | meaning |', '| --- | --- |', ...rows];
}

function messages(types: Readonly<Record<string, MessageType>>): readonly string[] {
  const rows = Object.entries(types).map(
    ([code, { level, name, template }]) => `| ${code} | ${level} | ${name} | ${shown(template)} |`,
  );
  return ['| code | level | name | message |', '| --- | --- | --- | --- |', ...rows];
}

/** A template with `…` where values stand. */
function shown(template: string): string {
  const holes = template.match(/%[sdvq]/g) ?? [];
  const text = formatMessage(
    template,
    holes.map(() => '…'),
  );
  return text.replaceAll('|', '\\|');
}
