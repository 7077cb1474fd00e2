/**
 * A state of a whole trading stack in which a runbook has something to do, and what must be true when it has ended. The matrix
 * disturbs the run in between, and compares exchange and ledger afterwards by itself.
 */
import type { RunOnTheWire } from '../../../api/runbook-schema.js';
import type { RunbookName } from '../../../core/runbooks/runbook.js';
import type { DrilledStack } from '../drilled-stack.js';

export interface Situation {
  runbook: RunbookName;
  /** Before every cell; the bot trades a market that does not wait. Resolves with the parameters to run with. */
  prepare(drilled: DrilledStack): Promise<Record<string, unknown>>;
  /** Findings beyond the books; empty: all is as it must be. A run that was cancelled may have done nothing. */
  verify(drilled: DrilledStack, run: RunOnTheWire): Promise<string[]>;
  /** Brings the bot back to trading when the runbook itself leaves it fenced. */
  leave?(drilled: DrilledStack): Promise<void>;
  /** for runs that restore or close a lot; absent: 180 s */
  endsWithinMs?: number;
}
