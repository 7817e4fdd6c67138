import { page } from './page-state.ts';

/** Whoever waits for a result waits no longer than this. */
const LATEST_MS = 1500;

/**
 * Calls back once a first run has ended, or takes long: until then the thread and the network belong to it.
 * The answer calls off.
 */
export function afterFirstResult(then: () => void): () => void {
  const timer = setTimeout(finish, LATEST_MS);
  const stop = page.subscribe(look);
  look();
  return callOff;

  function look(): void {
    const { status } = page.state;
    if (status !== 'idle' && status !== 'running') finish();
  }
  function finish(): void {
    callOff();
    // What came of it is drawn first.
    requestAnimationFrame(() => setTimeout(then));
  }
  function callOff(): void {
    clearTimeout(timer);
    stop();
  }
}
