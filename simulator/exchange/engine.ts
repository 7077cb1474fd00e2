/** The matching engine of core behind the few questions the server asks. */
import { applyCommand } from '../../core/matching/apply-command.js';
import type {
  Applied, ClosedPnlRow, ExchangeCommand, ExchangeOptions, ExecutionRow, MarketPrices, OrderRow, PositionRow, RiskTier, TransactionRow, UnprotectedSpan, WalletRow,
} from '../../core/matching/contract.js';
import { createExchangeState, restoreState, snapshotState, symbolOf } from '../../core/matching/exchange-state.js';
import { closedPnl, executions, latestPrices, openOrders, orderHistory, positionOf, transactions, unprotectedSpans, wallet } from '../../core/matching/queries.js';
import type { DecimalString } from '../../core/money/decimal.js';
import { BotError } from '../../core/errors/bot-error.js';

export interface Engine {
  apply(command: ExchangeCommand): Applied;
  /** text for `EngineFactory` */
  serialise(): string;
  openOrders(): OrderRow[];
  /** every order ever accepted, in order of acceptance */
  orders(): OrderRow[];
  executions(): readonly ExecutionRow[];
  closedPnl(): readonly ClosedPnlRow[];
  transactions(): readonly TransactionRow[];
  unprotectedSpans(): readonly UnprotectedSpan[];
  position(symbol: string): PositionRow;
  wallet(asOfMs: number): WalletRow;
  /** Throws 40001 before the first price. */
  prices(symbol: string): MarketPrices;
  riskTiers(symbol: string): readonly RiskTier[];
  feeRates(): { taker: DecimalString; maker: DecimalString };
  startingBalance(): DecimalString;
}

/** @param restored text of an earlier `serialise`, undefined for a new account */
export type EngineFactory = (restored: string | undefined) => Engine;

export function engineFactory(options: Partial<ExchangeOptions>): EngineFactory {
  return (restored) => {
    const state = restored === undefined ? createExchangeState(options) : restoreState(restored);
    return {
      apply: (command) => applyCommand(state, command),
      serialise: () => snapshotState(state),
      openOrders: () => openOrders(state),
      orders: () => orderHistory(state),
      executions: () => executions(state),
      closedPnl: () => closedPnl(state),
      transactions: () => transactions(state),
      unprotectedSpans: () => unprotectedSpans(state),
      position: (symbol) => positionOf(state, symbol),
      wallet: (asOfMs) => wallet(state, asOfMs),
      prices: (symbol) => {
        const prices = latestPrices(state, symbol);
        if (prices === undefined) throw new BotError(40001, `${symbol} has no price yet`);
        return prices;
      },
      riskTiers: (symbol) => symbolOf(state, symbol).riskTiers,
      feeRates: () => ({ taker: state.options.takerFeeRate, maker: state.options.makerFeeRate }),
      startingBalance: () => state.options.startingBalance,
    };
  };
}
