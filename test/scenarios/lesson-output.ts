const BLOCK = /```text\n[^`]*```/;
/** The parts of a summary that a lesson shows: verdicts, answers, splits, ejections. */
const SHOWN = /^(EXPECTATIONS|RESPONSES|SPLIT|EJECTIONS)/;

/** What a lesson shows of what its command prints. */
export function lessonOutput(stdout: string): string {
  let isShown = false;
  const lines = stdout.split('\n').filter((line) => {
    if (/^\S/.test(line)) isShown = SHOWN.test(line);
    return isShown;
  });
  return lines.join('\n').trimEnd();
}

/** A lesson's page with the output that its command gives now. */
export function withOutput(page: string, stdout: string): string {
  return page.replace(BLOCK, () => `\`\`\`text\n${lessonOutput(stdout)}\n\`\`\``);
}
