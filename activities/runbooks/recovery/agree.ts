/**
 * Exchange, ledger and bot after a restore: whatever one of them knows of an open position, the others know, too.
 *
 * Invariant: differences are looked at again while they may pass (the market goes on, a stop may fill meanwhile); what stays is told.
 */
import { BotError } from '../../../core/errors/bot-error.js';
import type { TradeRow } from '../../../core/ports/ledger.js';
import { compareAccount, type HeldTrade } from '../../../core/reconciliation/compare-account.js';
import type { RecoveryDependencies } from './recovery-dependencies.js';

type Deps = Pick<RecoveryDependencies, 'bot' | 'ledger' | 'exchange' | 'trades' | 'now' | 'pulse'>;

const ASK_AGAIN_MS = 500;

export interface AgreeRequest {
  /** host ms: trades that ended after it are asked of Temporal again while something differs */
  sinceMs: number;
  /** host ms */
  untilMs: number;
}

/** Rejects with 20009 and the differences at the limit. */
export async function agree(deps: Deps, { sinceMs, untilMs }: AgreeRequest): Promise<string> {
  for (;;) {
    const { differences, positions } = await differencesNow(deps);
    if (differences.length === 0) return `exchange, ledger and bot agree: ${positions} open positions, each with its trade and its stop`;
    if (deps.now() > untilMs) {
      throw new BotError(20009, `after the restore they do not agree: ${differences.slice(0, 5).join('; ')}`, {
        fix: 'look at the differences (npx bot status), close what nobody holds (POST /api/v1/positions/{symbol}/close), then run npx bot restore again', retryable: false,
      });
    }
    await recallTrades(deps, sinceMs);
    await deps.pulse(ASK_AGAIN_MS);
  }
}

async function differencesNow({ bot, ledger, exchange }: Deps): Promise<{ differences: string[]; positions: number }> {
  const [status, rows, positions, openOrders] = await Promise.all([bot.status(), ledger().then((open) => open.openTrades()), exchange.positions(), exchange.openOrders()]);
  const account = compareAccount({ openTrades: rows.map(heldTrade), positions, openOrders });
  const known = new Set(rows.map(({ tradeId }) => tradeId));
  const held = new Set(status.openTrades.map(({ tradeId }) => tradeId));
  return {
    positions: positions.length,
    differences: [
      ...(account.kind === 'differs' ? account.differences.map(({ symbol, kind, detail }) => `${symbol} ${kind}: ${detail}`) : []),
      ...[...held].filter((id) => !known.has(id)).map((id) => `the bot holds trade ${id}, the ledger does not know it as open`),
      ...[...known].filter((id) => !held.has(id)).map((id) => `the ledger has trade ${id} as open, the bot does not hold it`),
    ],
  };
}

function heldTrade({ tradeId, symbol, side, qty, state }: TradeRow): HeldTrade {
  return { tradeId, symbol, side, qty, state: state === 'intended' ? 'opening' : state === 'closing' ? 'closing' : 'open' };
}

/** Writes what Temporal remembers of trades; a trade that is over in the ledger stays over. Returns plain words. */
export async function recallTrades({ trades, ledger }: Pick<Deps, 'trades' | 'ledger'>, sinceMs: number): Promise<string> {
  const { rows, silent } = await trades.rowsSince(sinceMs);
  const open = await ledger();
  for (const row of rows) await open.saveTrade(row);
  return `as Temporal remembers them ${rows.length} trades${withoutAnswer(silent)}`;
}

/** Plain words on who was asked and did not answer; empty: nobody. */
export function withoutAnswer(silent: readonly string[]): string {
  return silent.length === 0 ? '' : ` (without an answer: ${silent.slice(0, 5).join(', ')})`;
}
