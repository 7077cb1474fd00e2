/** What else is known of a trade whose row is lost: its intents and orders, the candle it was decided on, what the exchange booked at its end. */
import { closeMs } from '../../../core/market/candle.js';
import { toDecimalString, type DecimalString } from '../../../core/money/decimal.js';
import { decisionOfTradeId, orderLinkIdFor } from '../../../core/orders/ids.js';
import type { Order } from '../../../core/orders/order.js';
import type { RecordedIntent } from '../../../core/ports/history-ledger.js';
import type { ExitReason, Ledger } from '../../../core/ports/ledger.js';
import { unlessZero } from '../../../core/reconciliation/rebuilt-intents.js';
import type { RebuiltTrade } from '../../../core/reconciliation/rebuild-trades.js';
import type { TradeEvidence } from '../../../core/reconciliation/rebuilt-row.js';
import type { FactDependencies } from './recover-facts.js';

/** A profit is booked at the instant of the fill, or a moment later. */
const BOOKED_WITHIN_MS = 60_000;
const EXIT_REASONS: readonly string[] = ['stop_loss', 'take_profit', 'signal', 'operator', 'emergency', 'liquidation', 'unprotected', 'external'] satisfies ExitReason[];

export async function evidenceOf(deps: FactDependencies, trade: RebuiltTrade): Promise<TradeEvidence> {
  const { ledger } = deps;
  const [strategies, intents, entry, leverage, referencePrice] = await Promise.all([
    ledger.strategyNamesEver(), ledger.intentsOfTrades([trade.tradeId]), entryOrder(ledger, trade), bookedLeverage(deps, trade), decisionPrice(ledger, trade),
  ]);
  const intended = intents.find(({ kind }) => kind === 'entry');
  return {
    strategies, referencePrice, leverage: intended?.leverage ?? leverage,
    stopLoss: intended?.stopLoss ?? (entry === undefined ? null : entry.stopLoss),
    takeProfit: intended === undefined ? unlessZero(entry?.takeProfit ?? toDecimalString('0')) : intended.takeProfit,
    exitPurpose: exitPurposeOf(intents),
  };
}

async function entryOrder(ledger: Ledger, { tradeId, origin }: RebuiltTrade): Promise<Order | undefined> {
  if (origin === 'external') return undefined;
  return (await ledger.ordersByLinkId([orderLinkIdFor(tradeId, 'entry', 0)]))[0];
}

/** The last exit that was sent says why the trade ended. */
function exitPurposeOf(intents: readonly RecordedIntent[]): ExitReason | null {
  const purpose = intents.filter(({ kind }) => kind === 'exit').at(-1)?.purpose;
  return purpose !== undefined && EXIT_REASONS.includes(purpose) ? (purpose as ExitReason) : null;
}

/** As the exchange booked it at the end, or shows it of the position that is open. */
async function bookedLeverage({ exchange }: FactDependencies, { symbol, side, executions }: RebuiltTrade): Promise<DecimalString | null> {
  const [first, last] = [executions[0], executions.at(-1)];
  if (first === undefined || last === undefined) return null;
  const orderIds = new Set(executions.map(({ orderId }) => orderId));
  const booked = (await exchange.closedPnl({ symbol, fromMs: first.execMs, toMs: last.execMs + BOOKED_WITHIN_MS })).find(({ orderId }) => orderIds.has(orderId));
  if (booked !== undefined) return booked.leverage;
  return (await exchange.positions()).find((position) => position.symbol === symbol && position.side === side)?.leverage ?? null;
}

/** A trade is decided on a closed candle, whatever its interval: all candles that close at that instant close at that price. */
async function decisionPrice(ledger: Ledger, { tradeId, symbol, origin }: RebuiltTrade): Promise<DecimalString | null> {
  const decidedMs = origin === 'own' ? decisionOfTradeId(tradeId)?.decidedMs : undefined;
  if (decidedMs === undefined) return null;
  for (const interval of await ledger.candleIntervals(symbol)) {
    const [candle] = await ledger.candles({ symbol, interval, untilMs: decidedMs, limit: 1 });
    if (candle !== undefined && closeMs(candle) === decidedMs) return candle.close;
  }
  return null;
}
