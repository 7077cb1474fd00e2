/**
 * Brings the ledger level with the exchange before a decision: every execution since the newest one known, positions, wallet.
 *
 * Invariants
 * 1. The gap that any outage left is fetched from the exchange; overlapping fetches are harmless, executions are written by id.
 * 2. The first look at an account fixes its opening: balance and instant from which the ledger answers for every movement.
 * 3. A ledger without an opening that had one is lost, not new: it is never opened a second time, and counts as behind until the
 *    runbook databaseRecovery has filled it.
 */
import type { Order, Position, Wallet } from '../../core/orders/order.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import { toDecimalString } from '../../core/money/decimal.js';
import { BotError, isBotError } from '../../core/errors/bot-error.js';
import type { LedgerHealth } from '../../core/trading/boundary-report.js';

/** Executions of one instant may become visible one after the other; look back this far from the newest known one. */
const OVERLAP_MS = 60_000;
/** A decision made this late would be stale; what happened even later is fetched at the next boundary. */
const BEYOND_PRESENT_MS = 86_400_000;
export const OPENING_STATE = 'opening';

interface AccountSnapshot {
  wallet: Wallet;
  positions: Position[];
  openOrders: Order[];
}

export interface LevelledAccount {
  snapshot: AccountSnapshot;
  ledger: LedgerHealth;
}

export interface AccountDependencies {
  exchange: Exchange;
  ledger: Ledger;
  logger: Logger;
}

export interface Levelling {
  /** the boundary, exchange ms */
  closeMs: number;
  /** it was level once: an opening must be there */
  wasOpened: boolean;
}

/** The exchange being away is a failure; the ledger being away is an answer. */
export async function levelAccount(deps: AccountDependencies, levelling: Levelling): Promise<LevelledAccount> {
  const snapshot = await readAccount(deps);
  try {
    await levelLedger(deps, snapshot, levelling);
    return { snapshot, ledger: { kind: 'level' } };
  } catch (error) {
    if (!isBotError(error)) throw error;
    deps.logger.warning('Ledger is not level with the exchange', { code: error.code, error: error.message });
    return { snapshot, ledger: { kind: 'behind', message: `${error.code} ${error.message}` } };
  }
}

/** What the exchange says now. Throws when it does not answer. */
async function readAccount(deps: AccountDependencies): Promise<AccountSnapshot> {
  const [wallet, positions, openOrders] = await Promise.all([deps.exchange.wallet(), deps.exchange.positions(), deps.exchange.openOrders()]);
  return { wallet, positions, openOrders };
}

/** Throws when exchange or ledger fail; the caller decides what that means. */
async function levelLedger(deps: AccountDependencies, snapshot: AccountSnapshot, levelling: Levelling): Promise<void> {
  const { closeMs } = levelling;
  const fromMs = await syncFrom(deps.ledger, snapshot, levelling);
  const [executions] = await Promise.all([
    deps.exchange.executions({ fromMs, toMs: closeMs + BEYOND_PRESENT_MS }),
    deps.ledger.savePositions(snapshot.positions, { asOfMs: snapshot.wallet.asOfMs, complete: true }),
    deps.ledger.saveWallet(snapshot.wallet),
    deps.ledger.saveEquity({ ...snapshot.wallet, asOfMs: closeMs }, 'decision'),
  ]);
  await deps.ledger.saveExecutions(executions);
}

async function syncFrom(ledger: Ledger, { wallet }: AccountSnapshot, { closeMs, wasOpened }: Levelling): Promise<number> {
  const [newestMs, opening] = await Promise.all([ledger.newestExecutionMs(), ledger.state(OPENING_STATE)]);
  if (opening === null && wasOpened) throw lost();
  if (newestMs > 0) return newestMs - OVERLAP_MS;
  if (opening !== null) return Number(opening['fromMs']);
  await ledger.saveState(OPENING_STATE, { fromMs: closeMs, walletBalance: toDecimalString(wallet.walletBalance) });
  return closeMs;
}

function lost(): BotError {
  return new BotError(40003, 'the ledger is empty although the bot has traded: its database was lost or replaced', { fix: 'npx bot restore' });
}
