/** Serves `dist-web` below a path that is not the root. */
export function serveSite(): Promise<{ readonly url: string; readonly close: () => void }>;
