/** What the process ends with. */
export const EXIT = {
  /** Everything held. */
  ok: 0,
  /** An expectation failed, or `analyze` found an error. */
  failed: 1,
  /** Bad input or usage. */
  badInput: 2,
  /** We are wrong. */
  internal: 3,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
