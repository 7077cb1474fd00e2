/** What a command ends with; scripts rely on it. */
export const EXIT = {
  ok: 0,
  /** it was tried and did not work, or the API does not answer */
  failed: 1,
  /** wrong command line, or a request that the API finds wrong */
  usage: 2,
  /** a guard refused it: the plan, a role, the present state; nothing was done */
  refused: 3,
  /** it has to be confirmed: on a terminal, or with --yes */
  needsConfirmation: 4,
  /** it works, but not all of it is well, or a person has to do something */
  degraded: 5,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command: what is wrong and what to do next. */
export class CommandEnd extends Error {
  constructor(readonly exitCode: ExitCode, message: string, readonly fix = '') {
    super(message);
  }
}
