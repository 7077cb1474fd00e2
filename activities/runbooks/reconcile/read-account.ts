/**
 * Reads both books of the account up to one instant of the market, so that nothing that happens meanwhile looks like a difference.
 * What has no history (positions, open orders, open trades) is looked at twice when it seems to differ.
 */
import { BotError } from '../../../core/errors/bot-error.js';
import { toDecimalString } from '../../../core/money/decimal.js';
import type { Execution } from '../../../core/orders/order.js';
import type { Exchange, TransactionLogEntry } from '../../../core/ports/exchange.js';
import type { RecordedExecution } from '../../../core/ports/history-ledger.js';
import type { Ledger, TradeRow } from '../../../core/ports/ledger.js';
import { compareAccount, type HeldTrade } from '../../../core/reconciliation/compare-account.js';
import { reconcile, type AccountReading, type Reconciliation } from '../../../core/reconciliation/reconcile.js';
import { OPENING_STATE } from '../../decision/account-sync.js';
import { marketNow } from '../../trade/market-now.js';
import { windowsOf } from '../history/sweep.js';

export interface AccountDependencies {
  exchange: Pick<Exchange, 'wallet' | 'executions' | 'transactions' | 'openOrders' | 'positions' | 'closedCandles' | 'orderHistory'>;
  ledger(): Promise<Ledger>;
  /** what the configuration trades */
  series: readonly { symbol: string }[];
  /** waits and says that it lives, ms */
  pulse(ms: number): Promise<void>;
}

export interface Compared {
  found: Reconciliation;
  /** exchange ms, both ends inclusive: what was compared */
  fromMs: number;
  untilMs: number;
}

/** Bybit keeps two years; what is older stands for itself. */
const EXCHANGE_REMEMBERS_MS = 700 * 86_400_000;
/** Both books are held in memory. */
const EXECUTIONS_MAX = 200_000;
const BATCH = 1_000;
/** An order or fill that is just on its way has arrived by then. */
const LOOK_AGAIN_MS = 2_000;

export async function compareBooks(deps: AccountDependencies): Promise<Compared> {
  const ledger = await deps.ledger();
  const opening = await ledger.state(OPENING_STATE);
  if (opening === null) throw new BotError(40005, 'the ledger has no opening balance: it answers for nothing yet', { fix: 'let the bot decide on its first candle, then reconcile', retryable: false });
  const untilMs = await marketNow(deps.exchange, deps.series[0]?.symbol ?? '');
  const openingMs = Number(opening['fromMs']);
  const fromMs = Math.max(openingMs, untilMs - EXCHANGE_REMEMBERS_MS);
  const openingBalance = toDecimalString(String(opening['walletBalance']));
  const facts = await readFacts(deps, ledger, { openingMs, fromMs, untilMs });
  const exchangeBalance = facts.transactions.at(-1)?.cashBalance ?? (fromMs === openingMs ? openingBalance : (await deps.exchange.wallet()).walletBalance);
  const present = await readPresent(deps, ledger);
  const found = reconcile({ ...facts, ...present, openingBalance, exchangeBalance });
  if (found.orders.length + found.trades.length === 0) return { found, fromMs, untilMs };
  await deps.pulse(LOOK_AGAIN_MS);
  return { found: onlyLasting(found, reconcile({ ...facts, ...(await readPresent(deps, ledger)), openingBalance, exchangeBalance })), fromMs, untilMs };
}

type Facts = Pick<AccountReading, 'ledger' | 'exchange' | 'transactions' | 'fundingRowsMissing' | 'nameless'>;

async function readFacts({ exchange, pulse }: AccountDependencies, ledger: Ledger, { openingMs, fromMs, untilMs }: { openingMs: number; fromMs: number; untilMs: number }): Promise<Facts> {
  const [recorded, listed]: [RecordedExecution[], Execution[]] = [[], []];
  const transactions: TransactionLogEntry[] = [];
  for (const window of windowsOf({ fromMs: openingMs, untilMs, symbols: [] })) {
    recorded.push(...(await ledger.executionsBetween(window)));
    if (recorded.length > EXECUTIONS_MAX) throw new BotError(10006, `more than ${EXECUTIONS_MAX} executions since the opening of the ledger: both books do not fit into memory`, { fix: 'compare them with npm run check:ledger', retryable: false });
    await pulse(0);
  }
  for (const window of windowsOf({ fromMs, untilMs, symbols: [] })) {
    listed.push(...(await exchange.executions(window)));
    transactions.push(...(await exchange.transactions(window)));
    await pulse(0);
  }
  const older = recorded.filter(({ execMs }) => execMs < fromMs);
  return {
    ledger: recorded, exchange: [...older, ...listed], transactions, fundingRowsMissing: await fundingRowsMissing(ledger, recorded), nameless: recorded.filter(({ tradeId }) => tradeId === null),
  };
}

async function fundingRowsMissing(ledger: Ledger, executions: readonly Execution[]): Promise<string[]> {
  const ids = executions.filter(({ execType }) => execType === 'Funding').map(({ execId }) => execId);
  const missing: string[] = [];
  for (let start = 0; start < ids.length; start += BATCH) {
    const batch = ids.slice(start, start + BATCH);
    const known = new Set((await ledger.knownExecutions(batch)).funding);
    missing.push(...batch.filter((id) => !known.has(id)));
  }
  return missing;
}

async function readPresent({ exchange }: AccountDependencies, ledger: Ledger): Promise<Pick<AccountReading, 'openOrders' | 'believedOpen' | 'trades'>> {
  const [openOrders, positions, believedOpen, openTrades] = await Promise.all([exchange.openOrders(), exchange.positions(), ledger.ordersBelievedOpen(), ledger.openTrades()]);
  const account = compareAccount({ openTrades: openTrades.map(heldTrade), positions, openOrders });
  return { openOrders, believedOpen, trades: account.kind === 'differs' ? account.differences : [] };
}

function heldTrade({ tradeId, symbol, side, state, qty }: TradeRow): HeldTrade {
  return { tradeId, symbol, side, qty, state: state === 'intended' ? 'opening' : state === 'closing' ? 'closing' : 'open' };
}

/** What is there at both looks. */
function onlyLasting(first: Reconciliation, second: Reconciliation): Reconciliation {
  const before = new Set([...first.orders, ...first.trades].map((difference) => JSON.stringify(difference)));
  const lasts = (difference: object): boolean => before.has(JSON.stringify(difference));
  return { ...second, orders: second.orders.filter(lasts), trades: second.trades.filter(lasts) };
}
