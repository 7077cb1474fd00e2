/** Writes a trade to the ledger: its executions, the orders it used (those the exchange made included) and its own row. */
import { exitOfOrderLinkId } from '../../core/orders/ids.js';
import { oppositeSide, type Order } from '../../core/orders/order.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import { approveExit } from '../../core/risk/approve-exit.js';
import { ownExecutions } from './inspect-trade.js';
import { EXECUTION_LOOK_BACK_MS } from './trade-facts.js';
import type { TradeDependencies } from './trade-dependencies.js';

export async function recordTrade(deps: TradeDependencies, trade: TradeRow): Promise<void> {
  const fromMs = trade.decidedMs - EXECUTION_LOOK_BACK_MS;
  const toMs = (trade.closedMs ?? trade.openedMs ?? trade.decidedMs) + EXECUTION_LOOK_BACK_MS;
  const [executions, orders] = await Promise.all([
    ownExecutions(deps, trade),
    deps.exchange.orderHistory({ symbol: trade.symbol, fromMs, toMs }),
  ]);
  await deps.ledger.saveTrade(trade);
  await deps.ledger.saveExecutions(executions, trade.tradeId);
  await deps.ledger.saveOrders(orders);
  await recordMissedIntents(deps, trade, orders);
  announce(deps, trade);
}

interface IntentDependencies {
  instruments: Pick<TradeDependencies['instruments'], 'get'>;
  ledger: Pick<TradeDependencies['ledger'], 'saveIntent'>;
}

type IntendingTrade = Pick<TradeRow, 'tradeId' | 'symbol' | 'decidedMs' | 'exitReason'>;

/** An exit does not wait for a ledger that is away: what it intended is written here, from the order itself. */
export async function recordMissedIntents(deps: IntentDependencies, trade: IntendingTrade, orders: readonly Order[]): Promise<void> {
  const instrument = await deps.instruments.get(trade.symbol);
  for (const { orderLinkId, side, qty } of orders) {
    const exit = exitOfOrderLinkId(orderLinkId);
    if (exit?.tradeId !== trade.tradeId) continue;
    const verdict = approveExit({ ...exit, symbol: trade.symbol, instrument, position: { side: oppositeSide(side), size: qty } });
    if (verdict.kind === 'refused') continue;
    await deps.ledger.saveIntent({ order: verdict.order, purpose: trade.exitReason ?? exit.leg, decidedMs: trade.decidedMs });
  }
}

function announce({ logger }: TradeDependencies, trade: TradeRow): void {
  const fields = { tradeId: trade.tradeId, strategy: trade.strategy, symbol: trade.symbol, side: trade.side, qty: trade.qty };
  switch (trade.state) {
    case 'open':
      return logger.info('Trade opened', { ...fields, entryPrice: trade.entryPrice, stopLoss: trade.stopLoss });
    case 'closed':
      return logger.info('Trade closed', { ...fields, exitPrice: trade.exitPrice, exitReason: trade.exitReason, realisedPnl: trade.realisedPnl });
    case 'failed':
      return logger.warning('Trade not opened', { ...fields, code: trade.errorCode, reason: trade.errorMessage });
    case 'intended':
    case 'closing':
      return undefined;
  }
}
