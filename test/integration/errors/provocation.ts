/** A code of the catalogue and the real condition that raises it. Every code has one; `all-codes.test.ts` counts them. */
import type { ErrorCode } from '../../../core/errors/catalogue.js';

export interface Provocation<Stage> {
  codes: readonly ErrorCode[];
  /** completes "… is raised when" */
  when: string;
  provoke(stage: Stage): Promise<void>;
}

export function codesOf(provocations: readonly Provocation<never>[]): ErrorCode[] {
  return provocations.flatMap(({ codes }) => codes);
}
