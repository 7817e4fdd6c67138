/** The template of a report lies beside the page; undefined where there is none: in a report itself. */
export async function reportTemplate(): Promise<string | undefined> {
  if (location.protocol === 'file:') return undefined;
  try {
    const answer = await fetch(new URL('report-template.html', document.baseURI));
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}
