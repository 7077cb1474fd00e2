/**
 * The independent judge: does the ledger say exactly what the exchange's own book says? It knows nothing of workflows,
 * only the two books, and returns every way in which they differ.
 *
 * What it proves (docs/ARCHITECTURE.md, invariants 1 to 4): no link id carries two orders; every order of ours was intended first;
 * every execution stands in the ledger exactly once and unchanged; balance, realised profit, fees and funding are equal to
 * the last decimal; every closed trade is flat and its figures are those of its executions; no position stood without a stop.
 */
import { dec, toDecimalString, ZERO, type Decimal, type DecimalString } from '../core/money/decimal.js';
import { applyFill, EMPTY_POSITION, type PositionBook } from '../core/portfolio/position.js';
import type { ExchangeBook } from './exchange-book.js';
import type { LedgerBook, LedgerExecution, LedgerTrade } from './ledger-book.js';

export interface Verdict {
  findings: string[];
  figures: Record<string, string | number>;
}

export interface JudgeOptions {
  /** longest span without a full stop that is tolerated, ms of market time */
  unprotectedMsMax: number;
}

export function compareBooks(book: ExchangeBook, ledger: LedgerBook, options: JudgeOptions): Verdict {
  const totals = totalsOf(ledger);
  return {
    findings: [
      ...duplicateOrders(book),
      ...unintendedOrders(book, ledger),
      ...executionDifferences(book, ledger),
      ...moneyDifferences(book, ledger, totals),
      ...ledger.trades.flatMap((trade) => tradeDifferences(trade, ledger)),
      ...positionDifferences(book, ledger),
      ...protectionFindings(book, options),
    ],
    figures: figuresOf(book, ledger, totals),
  };
}

function duplicateOrders(book: ExchangeBook): string[] {
  const seen = new Set<string>();
  return book.orders.filter(({ orderLinkId }) => orderLinkId !== '').flatMap(({ orderLinkId }) => {
    if (seen.has(orderLinkId)) return [`two orders carry the link id ${orderLinkId}`];
    seen.add(orderLinkId);
    return [];
  });
}

function unintendedOrders(book: ExchangeBook, ledger: LedgerBook): string[] {
  const intended = new Set(ledger.intents.map(({ orderLinkId }) => orderLinkId));
  return book.orders.filter(({ orderLinkId }) => orderLinkId !== '' && !intended.has(orderLinkId)).map(({ orderLinkId }) => `order ${orderLinkId} is on the exchange without an intent in the ledger`);
}

const COMPARED = ['execType', 'orderId', 'orderLinkId', 'symbol', 'side', 'price', 'qty', 'fee', 'feeRate', 'execMs'] as const;

function executionDifferences(book: ExchangeBook, ledger: LedgerBook): string[] {
  const recorded = new Map(ledger.executions.map((execution) => [execution.execId, execution]));
  const known = new Set(book.executions.map(({ execId }) => execId));
  const missing = book.executions.filter(({ execId }) => !recorded.has(execId)).map(({ execId, symbol, execType }) => `execution ${execId} (${symbol} ${execType}) is missing from the ledger`);
  const invented = ledger.executions.filter(({ execId }) => !known.has(execId)).map(({ execId }) => `the ledger has execution ${execId}, the exchange does not`);
  const changed = book.executions.flatMap((execution) => {
    const row = recorded.get(execution.execId);
    if (!row) return [];
    return COMPARED.filter((field) => row[field] !== execution[field]).map((field) => `execution ${execution.execId}: ${field} is ${row[field]} in the ledger, ${execution[field]} on the exchange`);
  });
  return [...missing, ...invented, ...changed];
}

interface Totals {
  realised: Decimal;
  fees: Decimal;
  funding: Decimal;
}

function totalsOf(ledger: LedgerBook): Totals {
  const fills = ledger.executions.filter(({ execType }) => execType !== 'Funding');
  const symbols = [...new Set(fills.map(({ symbol }) => symbol))];
  const books = symbols.map((symbol) => foldFills(fills.filter((fill) => fill.symbol === symbol)));
  return {
    realised: sum(books.map(({ realisedPnl }) => realisedPnl)),
    fees: sum(fills.map(({ fee }) => fee)),
    funding: sum(ledger.executions.filter(({ execType }) => execType === 'Funding').map(({ fee }) => fee)),
  };
}

function foldFills(fills: readonly LedgerExecution[]): PositionBook {
  return [...fills].sort((a, b) => a.execMs - b.execMs || a.seq - b.seq).reduce((book, fill) => applyFill(book, fill).book, EMPTY_POSITION);
}

function moneyDifferences(book: ExchangeBook, ledger: LedgerBook, totals: Totals): string[] {
  const trading = book.transactions.filter(({ type }) => !type.startsWith('TRANSFER'));
  const wallet = dec(ledger.openingBalance).plus(totals.realised).minus(totals.fees).minus(totals.funding);
  const fundingRows = sum(ledger.fundingPayments.map(({ amount }) => amount));
  return [
    ...unequal('wallet balance', wallet, dec(book.wallet.walletBalance)),
    ...unequal('realised profit', totals.realised, sum(trading.map(({ cashFlow }) => cashFlow))),
    ...unequal('fees', totals.fees, sum(trading.map(({ fee }) => fee))),
    ...unequal('funding', totals.funding, sum(trading.map(({ funding }) => funding)).negated()),
    ...unequal('funding table', fundingRows, totals.funding),
  ];
}

function tradeDifferences(trade: LedgerTrade, ledger: LedgerBook): string[] {
  const own = ledger.executions.filter(({ tradeId }) => tradeId === trade.tradeId);
  const fills = own.filter(({ execType }) => execType !== 'Funding');
  switch (trade.state) {
    case 'failed':
      return fills.length === 0 ? [] : [`trade ${trade.tradeId} failed but has ${fills.length} fills`];
    case 'closed': {
      const folded = foldFills(fills);
      const funding = sum(own.filter(({ execType }) => execType === 'Funding').map(({ fee }) => fee));
      const gross = dec(folded.realisedPnl);
      const fees = sum(fills.map(({ fee }) => fee));
      return [
        ...(dec(folded.signedSize).isZero() && fills.length > 1 ? [] : [`trade ${trade.tradeId} is closed but its executions leave ${folded.signedSize}`]),
        ...unequal(`trade ${trade.tradeId} gross profit`, dec(trade.grossPnl ?? toDecimalString('0')), gross),
        ...unequal(`trade ${trade.tradeId} fees`, dec(trade.fees ?? toDecimalString('0')), fees),
        ...unequal(`trade ${trade.tradeId} funding`, dec(trade.funding ?? toDecimalString('0')), funding),
        ...unequal(`trade ${trade.tradeId} realised profit`, dec(trade.realisedPnl ?? toDecimalString('0')), gross.minus(fees).minus(funding)),
      ];
    }
    default:
      return [];
  }
}

function positionDifferences(book: ExchangeBook, ledger: LedgerBook): string[] {
  const held = ledger.trades.filter(({ state }) => state === 'open' || state === 'closing' || state === 'intended');
  const positions = book.positions.filter(({ size }) => !dec(size).isZero());
  const unknown = positions.filter(({ symbol }) => !held.some((trade) => trade.symbol === symbol)).map(({ symbol, size }) => `the exchange holds ${size} ${symbol}, no trade of the ledger does`);
  const missing = held.filter(({ symbol }) => !positions.some((position) => position.symbol === symbol)).map(({ tradeId, state }) => `trade ${tradeId} is ${state} in the ledger, the exchange holds nothing`);
  const sizes = positions.flatMap((position) => held.filter((trade) => trade.symbol === position.symbol && (trade.qty !== position.size || trade.side !== position.side)).map((trade) => `trade ${trade.tradeId} holds ${trade.side} ${trade.qty}, the exchange ${position.side} ${position.size}`));
  const naked = positions.filter(({ stopLoss }) => dec(stopLoss).isZero()).map(({ symbol }) => `the position in ${symbol} has no stop`);
  return [...unknown, ...missing, ...sizes, ...naked];
}

function protectionFindings(book: ExchangeBook, { unprotectedMsMax }: JudgeOptions): string[] {
  return book.unprotectedSpans
    .filter(({ startMs, endMs }) => (endMs ?? book.marketMs) - startMs > unprotectedMsMax)
    .map(({ symbol, startMs, endMs, size, coveredQty }) => `${symbol} ${size} stood with a stop over ${coveredQty} from ${new Date(startMs).toISOString()} for ${(endMs ?? book.marketMs) - startMs} ms`);
}

function figuresOf(book: ExchangeBook, ledger: LedgerBook, totals: Totals): Verdict['figures'] {
  const closed = ledger.trades.filter(({ state }) => state === 'closed');
  const byStrategy = Object.fromEntries([...new Set(ledger.trades.map(({ strategy }) => strategy))].sort().map((strategy) => [`closed trades of ${strategy}`, closed.filter((trade) => trade.strategy === strategy).length]));
  return {
    'orders on the exchange': book.orders.length,
    'orders with an id of ours': book.orders.filter(({ orderLinkId }) => orderLinkId !== '').length,
    'executions on the exchange': book.executions.length,
    'executions in the ledger': ledger.executions.length,
    'duplicate requests refused': book.duplicateLinkIdRefusals,
    'wallet balance': book.wallet.walletBalance,
    'realised profit': totals.realised.toFixed(),
    fees: totals.fees.toFixed(),
    funding: totals.funding.toFixed(),
    ...byStrategy,
  };
}

function unequal(what: string, ledger: Decimal, exchange: Decimal): string[] {
  return ledger.equals(exchange) ? [] : [`${what}: ${ledger.toFixed()} in the ledger, ${exchange.toFixed()} on the exchange`];
}

function sum(amounts: readonly DecimalString[]): Decimal {
  return amounts.reduce((total, amount) => total.plus(dec(amount)), ZERO);
}
