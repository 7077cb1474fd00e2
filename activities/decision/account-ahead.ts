/**
 * Levels the ledger with the account the moment a boundary is announced, while the announcement is still on its way
 * through Temporal: when the decision asks, the answer is mostly there.
 *
 * Invariants
 * 1. A reading serves one evaluation, of its own boundary, and only while it is fresh; anything else is read anew. So an
 *    evaluation that is repeated never sees what the one before it saw.
 * 2. It is never a source of truth: a reading that failed counts as none.
 * 3. It never opens a ledger: it begins once an evaluation has found the ledger level.
 */
import { levelAccount, type AccountDependencies, type LevelledAccount } from './account-sync.js';

/** host ms; an evaluation that comes later than this was held up, and the account may have moved on */
const FRESH_MS = 500;

interface Ahead {
  closeMs: number;
  begunMs: number;
  reading: Promise<LevelledAccount | undefined>;
}

export class AccountAhead {
  private newest: Ahead | undefined;
  private wasLevel = false;

  constructor(private readonly deps: AccountDependencies, private readonly now: () => number) {}

  /** an evaluation has found the ledger level */
  allow(): void {
    this.wasLevel = true;
  }

  begin(closeMs: number): void {
    if (!this.wasLevel) return;
    const reading = levelAccount(this.deps, { closeMs, wasOpened: true }).catch(() => undefined);
    this.newest = { closeMs, begunMs: this.now(), reading };
  }

  /** undefined when there is none that may be used */
  async take(closeMs: number): Promise<LevelledAccount | undefined> {
    const ahead = this.newest;
    this.newest = undefined;
    if (ahead?.closeMs !== closeMs || this.now() - ahead.begunMs > FRESH_MS) return undefined;
    return ahead.reading;
  }
}
