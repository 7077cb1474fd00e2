/** Writes to the ledger what an emergency did: the event, and of each symbol that it closed the orders, executions and intents. Idempotent by their own ids. */
import { catalogueEntry } from '../../core/errors/catalogue.js';
import { closeIdFor } from '../../core/orders/ids.js';
import type { Latch } from '../../core/ports/emergency-latch.js';
import type { ClosedSpan } from '../../core/runbooks/emergency-shutdown.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import { recordMissedIntents } from '../trade/record-trade.js';
import { EXECUTION_LOOK_BACK_MS } from '../trade/trade-facts.js';
import type { InstrumentSource } from '../instrument-source.js';

export interface EmergencyRecord {
  latch: Latch;
  message: string;
  /** null: nothing was closed */
  closings: ClosedSpan | null;
}

interface RecordDependencies {
  exchange: Pick<Exchange, 'orderHistory' | 'executions'>;
  instruments: Pick<InstrumentSource, 'get'>;
  ledger(): Promise<Ledger>;
  logger: Logger;
}

export async function recordEmergency(deps: RecordDependencies, { latch, message, closings }: EmergencyRecord): Promise<void> {
  const ledger = await deps.ledger();
  const { haltId, atMs, reason, actor } = latch;
  const { severity } = catalogueEntry(10009);
  await ledger.saveEvent({ eventId: `emergency-${haltId}`, atMs, code: 10009, severity, source: 'emergency-shutdown', message, context: { haltId, reason, actor } });
  if (closings === null) return;
  for (const symbol of closings.symbols) await recordClosed({ ...deps, ledger }, { symbol, haltId, fromMs: closings.fromMs - EXECUTION_LOOK_BACK_MS });
}

async function recordClosed(deps: Omit<RecordDependencies, 'ledger'> & { ledger: Ledger }, { symbol, haltId, fromMs }: { symbol: string; haltId: string; fromMs: number }): Promise<void> {
  const [orders, executions] = await Promise.all([deps.exchange.orderHistory({ symbol, fromMs }), deps.exchange.executions({ symbol, fromMs })]);
  await deps.ledger.saveOrders(orders);
  await deps.ledger.saveExecutions(executions);
  const tradeId = closeIdFor({ symbol, requestId: haltId });
  await recordMissedIntents(deps, { tradeId, symbol, decidedMs: fromMs, exitReason: 'emergency' }, orders);
}
