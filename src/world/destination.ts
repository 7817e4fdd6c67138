import type { RequestScheme } from './behaviour.ts';

/** Requests with the same destination share connections. */
export function destinationOf(target: {
  readonly scheme: RequestScheme;
  readonly host: string;
  readonly port: number;
}): string {
  return `${target.scheme}://${target.host}:${target.port}`;
}
