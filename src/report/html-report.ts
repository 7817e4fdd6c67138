import type { RunView } from './run-view.ts';
import { runViewJson } from './run-view-json.ts';

/** What a report carries beside the page itself. */
export interface ReportContent {
  /** The scenario's path, and every file that was read, by path. */
  readonly project: {
    readonly scenario: string;
    readonly files: Readonly<Record<string, string>>;
  };
  /** From `--seed` and `--set`, so that the report runs again as it ran. */
  readonly seed?: number | undefined;
  readonly parameters: Readonly<Record<string, string>>;
  readonly view: RunView;
}

/** The page as one file with a run inside, from the template that was built beside the page. */
export function reportHtml(template: string, { view, ...opening }: ReportContent): string {
  const head = JSON.stringify(opening).slice(0, -1);
  const content = `${head},"view":${runViewJson(view)}}`;
  // Nothing in it may end the script element early.
  const safe = content
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  // The first place: the page's own script, which can write reports, has these words, too.
  const at = template.indexOf(REPORT_PLACE);
  if (at < 0) throw new Error('the template of the report is damaged');
  return template.slice(0, at) + safe + template.slice(at + REPORT_PLACE.length);
}

const REPORT_PLACE = 'MESHSIM_REPORT_CONTENT';
