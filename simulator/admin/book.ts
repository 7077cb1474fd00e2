/** The exchange's own book, for whoever checks a ledger against it: everything, as the engine holds it. */
import type { ClosedPnlRow, ExecutionRow, OrderRow, PositionRow, TransactionRow, UnprotectedSpan, WalletRow } from '../../core/matching/contract.js';
import type { DecimalString } from '../../core/money/decimal.js';
import type { SimulatedExchange } from '../exchange/simulated-exchange.js';

export interface ExchangeBook {
  marketMs: number;
  startingBalance: DecimalString;
  wallet: WalletRow;
  /** every order ever accepted */
  orders: OrderRow[];
  executions: readonly ExecutionRow[];
  positions: PositionRow[];
  transactions: readonly TransactionRow[];
  closedPnl: readonly ClosedPnlRow[];
  unprotectedSpans: readonly UnprotectedSpan[];
  /** orders refused because their link id was known (110072), since the account began */
  duplicateLinkIdRefusals: number;
}

export function bookOf(exchange: SimulatedExchange): ExchangeBook {
  const { engine } = exchange;
  const marketMs = exchange.clock().atMs;
  return {
    marketMs,
    startingBalance: engine.startingBalance(),
    wallet: engine.wallet(marketMs),
    orders: engine.orders(),
    executions: engine.executions(),
    positions: exchange.listed().map((instrument) => engine.position(instrument.symbol)),
    transactions: engine.transactions(),
    closedPnl: engine.closedPnl(),
    unprotectedSpans: engine.unprotectedSpans(),
    duplicateLinkIdRefusals: exchange.duplicateLinkIdRefusals,
  };
}
