/** The activities of a trade, one per step that the Temporal Web UI shows. */
import type { ErrorCode } from '../../core/errors/catalogue.js';
import { catalogueEntry } from '../../core/errors/catalogue.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import { withActivityFailures } from '../failure.js';
import { closePosition, type CloseRequest } from './close-position.js';
import { confirmEntry } from './confirm-entry.js';
import { inspectTrade } from './inspect-trade.js';
import { placeEntry, type EntryRequest } from './place-entry.js';
import { recordClosing, type ClosedByHand } from './record-closing.js';
import { recordTrade } from './record-trade.js';
import type { TradeDependencies } from './trade-dependencies.js';

export interface TradeEvent {
  trade: TradeRow;
  code: ErrorCode;
  message: string;
}

export type TradeActivities = ReturnType<typeof createTradeActivities>;

export function createTradeActivities(deps: TradeDependencies) {
  return withActivityFailures({
    placeEntry: (request: EntryRequest) => placeEntry(deps, request),
    confirmEntry: (request: EntryRequest) => confirmEntry(deps, request),
    inspectTrade: (trade: TradeRow) => inspectTrade(deps, trade),
    closePosition: (request: CloseRequest) => closePosition(deps, request),
    recordTrade: (trade: TradeRow) => recordTrade(deps, trade),
    recordClosing: (closed: ClosedByHand) => recordClosing(deps, closed),
    recordTradeEvent: (event: TradeEvent) => recordTradeEvent(deps, event),
  }, deps.logger);
}

async function recordTradeEvent(deps: TradeDependencies, { trade, code, message }: TradeEvent): Promise<void> {
  const { severity } = catalogueEntry(code);
  deps.logger[severity](message, { code, tradeId: trade.tradeId, symbol: trade.symbol });
  await deps.ledger.saveEvent({
    eventId: `${trade.tradeId}-${code}`, atMs: trade.decidedMs, code, severity, source: trade.workflowId, message,
    context: { tradeId: trade.tradeId, symbol: trade.symbol },
  });
}
