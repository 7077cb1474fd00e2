/**
 * Reads both books of the account up to one instant of the market, so that nothing that happens meanwhile looks like a difference.
 * What has no history (positions, open orders, open trades) is looked at twice when it seems to differ.
 */
import { BotError } from '../../../core/errors/bot-error.js';
import { toDecimalString } from '../../../core/money/decimal.js';
import type { Execution } from '../../../core/orders/order.js';
import type { Exchange } from '../../../core/ports/exchange.js';
import type { RecordedExecution } from '../../../core/ports/history-ledger.js';
import type { Ledger, TradeRow } from '../../../core/ports/ledger.js';
import { compareAccount, type HeldTrade } from '../../../core/reconciliation/compare-account.js';
import { reconcile, type AccountReading, type Reconciliation } from '../../../core/reconciliation/reconcile.js';
import { TwoBooks } from '../../../core/reconciliation/two-books.js';
import { OPENING_STATE } from '../../decision/account-sync.js';
import { marketNow } from '../../trade/market-now.js';
import { windowsOf, type Piece } from '../history/sweep.js';

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
/** Of both books together, from the first difference on: they are held in memory. */
const EXECUTIONS_MAX = 400_000;
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
  const exchangeBalance = facts.cashBalance ?? (fromMs === openingMs ? openingBalance : (await deps.exchange.wallet()).walletBalance);
  const present = await readPresent(deps, ledger);
  const found = reconcile({ ...facts, ...present, openingBalance, exchangeBalance });
  if (found.orders.length + found.trades.length === 0) return { found, fromMs, untilMs };
  await deps.pulse(LOOK_AGAIN_MS);
  return { found: onlyLasting(found, reconcile({ ...facts, ...(await readPresent(deps, ledger)), openingBalance, exchangeBalance })), fromMs, untilMs };
}

type Facts = Pick<AccountReading, 'settled' | 'ledger' | 'exchange' | 'transactions' | 'fundingRowsMissing' | 'namelessMs'> & Pick<TwoBooks, 'cashBalance'>;

/** `openingMs`: from which the ledger answers; `fromMs`: from which the exchange remembers; exchange ms */
async function readFacts({ exchange, pulse }: AccountDependencies, ledger: Ledger, { openingMs, fromMs, untilMs }: { openingMs: number; fromMs: number; untilMs: number }): Promise<Facts> {
  const books = new TwoBooks();
  const [lackingRows, namelessMs]: [string[], number[]] = [[], []];
  const recordedIn = async (window: Piece): Promise<RecordedExecution[]> => {
    const recorded = await ledger.executionsBetween(window);
    lackingRows.push(...(await fundingRowsMissing(ledger, recorded)));
    namelessMs.push(...recorded.filter(({ tradeId }) => tradeId === null).map(({ execMs }) => execMs));
    await pulse(0);
    return recorded;
  };
  for (const window of windowsOf({ fromMs: openingMs, untilMs: fromMs - 1, symbols: [] })) books.trust(await recordedIn(window));
  for (const window of windowsOf({ fromMs, untilMs, symbols: [] })) {
    books.read({ ledger: await recordedIn(window), exchange: await exchange.executions(window), transactions: await exchange.transactions(window) });
    if (books.kept > EXECUTIONS_MAX) throw tooManyAt(books.keptSinceMs ?? fromMs);
  }
  const { settled, ledger: recorded, exchange: listed, transactions, cashBalance } = books;
  return { settled, ledger: recorded, exchange: listed, transactions, cashBalance, fundingRowsMissing: lackingRows, namelessMs };
}

function tooManyAt(firstMs: number): BotError {
  const day = new Date(firstMs).toISOString().slice(0, 10);
  return new BotError(10006, `the books differ from ${day} on, and more than ${EXECUTIONS_MAX} executions follow: they do not fit into memory`, {
    fix: `close the gap first: npx bot recover-trades --start-date ${day} --end-date DAY, then reconcile again`, retryable: false,
  });
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
