import type { Project } from '../engine/protocol.ts';
import { edit, run } from '../state/engine.ts';
import { page } from '../state/page-state.ts';

/** Files of this computer, when the page comes from `meshsim serve`. */

function isServed(): boolean {
  return document.querySelector('meta[name=meshsim-serve]') !== null;
}

export async function localProject(): Promise<Project | undefined> {
  if (!isServed()) return undefined;
  const answer = await fetch(new URL('local/project', document.baseURI));
  return answer.status === 200 ? ((await answer.json()) as Project) : undefined; // Our own server.
}

/** Changes on the disk come into the page, and run. */
export function watchLocalProject(): void {
  const events = new EventSource(new URL('local/changes', document.baseURI));
  events.onmessage = async () => {
    const project = await localProject();
    if (project === undefined || !page.state.isLocal) return;
    if (JSON.stringify(project) === JSON.stringify(page.state.project)) {
      page.set({ opened: page.state.project });
      return;
    }
    edit(project, false);
    page.set({ opened: project });
    run(true);
  };
}

/** Writes what was edited back; only when asked. */
export async function saveLocalProject(): Promise<boolean> {
  const { project, opened } = page.state;
  const changed = Object.entries(project.files).filter(
    ([path, text]) => opened.files[path] !== text,
  );
  for (const [path, text] of changed) {
    const url = new URL(`local/file?path=${encodeURIComponent(path)}`, document.baseURI);
    const answer = await fetch(url, {
      method: 'PUT',
      body: text,
      headers: { 'x-meshsim': 'save' },
    });
    if (!answer.ok) return false;
  }
  page.set({ opened: project });
  return true;
}
