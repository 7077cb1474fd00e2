/** One lock-step replay of a real stack, disturbed or not, and what the ledger and the judge say of it afterwards. */
import { compareBooks, type Verdict } from '../../checker/compare-books.js';
import { readExchangeBook } from '../../checker/exchange-book.js';
import { readLedgerBook } from '../../checker/ledger-book.js';
import type { Kill } from './kill-plan.js';
import { carryOut, startDrilledStack, type DrillStackOptions, type KillRecord } from './drilled-stack.js';
import { recordedTrades, type RecordedTrade } from './recorded-trades.js';

export const UNPROTECTED_MS_MAX = 2_000;

export interface LockStepResult {
  trades: RecordedTrade[];
  verdict: Verdict;
  kills: KillRecord[];
  seconds: number;
}

export interface LockStepOptions extends DrillStackOptions {
  kills: readonly Kill[];
  /** sent to the simulator's fault injector before the first candle moves on; absent: none */
  faults?: unknown;
}

export async function runInLockStep(options: LockStepOptions): Promise<LockStepResult> {
  const { stack, simulatorUrl, end } = await startDrilledStack(options);
  try {
    if (options.faults !== undefined) await injectFaults(simulatorUrl, options.faults);
    const over = new AbortController();
    const replay = stack.awaitReplayFinished().finally(() => over.abort());
    const kills = await carryOut(stack, options.kills, over.signal);
    const { elapsedMs } = await replay;
    const verdict = compareBooks(await readExchangeBook(simulatorUrl), await readLedgerBook(stack.databaseUrl), { unprotectedMsMax: UNPROTECTED_MS_MAX });
    return { trades: await recordedTrades(stack.databaseUrl), verdict, kills, seconds: elapsedMs / 1000 };
  } finally {
    await end();
  }
}

async function injectFaults(simulatorUrl: string, plan: unknown): Promise<void> {
  const reply = await fetch(new URL('/sim/faults', simulatorUrl), { method: 'POST', body: JSON.stringify(plan) });
  if (!reply.ok) throw new Error(`the simulator refused the fault plan: ${reply.status} ${await reply.text()}`);
}
