/** The engine in a worker; from a Blob where the page is one file. */
export function engineWorker(): Worker {
  if (__ENGINE_SCRIPT__ !== '') {
    const url = URL.createObjectURL(new Blob([__ENGINE_SCRIPT__], { type: 'text/javascript' }));
    return new Worker(url);
  }
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}
