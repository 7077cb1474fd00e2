/**
 * What the bot workflow asks of the world. All of these are reads or writes that are idempotent by id, so they may run as
 * local activities, which can run twice.
 */
import { catalogueEntry, type ErrorCode } from '../../core/errors/catalogue.js';
import { BOT_STATE_NAME, type BotMemory } from '../../core/ports/bot-memory.js';
import { closeMs } from '../../core/market/candle.js';
import type { DecisionRow, TradeRow } from '../../core/ports/ledger.js';
import { finestSeries } from '../../core/market/finest-series.js';
import type { RiskLimits } from '../../core/risk/risk-limits.js';
import type { BoundarySchedule } from '../../core/trading/boundary-report.js';
import { withActivityFailures } from '../failure.js';
import type { DecisionDependencies } from './decision-dependencies.js';
import { evaluateBoundary, type BoundaryRequest } from './evaluate-boundary.js';

export interface BotEvent {
  eventId: string;
  atMs: number;
  code: ErrorCode;
  message: string;
}

export interface RecoveredBot {
  memory: BotMemory | null;
  decidedThroughMs: number;
  openTrades: TradeRow[];
  schedule: BoundarySchedule;
  limits: RiskLimits;
}

export type DecisionActivities = ReturnType<typeof createDecisionActivities>;

export function createDecisionActivities(deps: DecisionDependencies) {
  return withActivityFailures({
    evaluateBoundary: (request: BoundaryRequest) => evaluateBoundary(deps, request),
    newestBoundary: () => newestBoundary(deps),
    recoverBot: () => recoverBot(deps),
    recordDecision: (decision: DecisionRow) => deps.ledger.saveDecision(decision),
    saveBotMemory: (memory: BotMemory) => deps.ledger.saveState(BOT_STATE_NAME, { ...memory }),
    tradeFromLedger: (tradeId: string) => deps.ledger.trade(tradeId),
    recordEvent: (event: BotEvent) => recordEvent(deps, event),
  });
}

/** By REST, for when the feed is silent: the newest close of the finest interval, exchange ms; 0 when there is none. */
async function newestBoundary(deps: DecisionDependencies): Promise<number> {
  const { symbol, interval } = finestSeries(deps.configuration.current().strategies);
  const newest = (await deps.exchange.closedCandles({ symbol, interval, limit: 1 })).at(-1);
  return newest ? closeMs(newest) : 0;
}

/** What the ledger knows of an earlier life of the bot; Temporal's history is never the only copy of a fact. */
async function recoverBot(deps: DecisionDependencies): Promise<RecoveredBot> {
  const { ledger } = deps;
  const { schedule, limits } = deps.configuration.current();
  const [memory, decidedThroughMs, openTrades] = await Promise.all([ledger.state(BOT_STATE_NAME), ledger.decidedThroughMs(), ledger.openTrades()]);
  return { memory: memory as BotMemory | null, decidedThroughMs, openTrades, schedule, limits };
}

async function recordEvent(deps: DecisionDependencies, event: BotEvent): Promise<void> {
  const { severity } = catalogueEntry(event.code);
  deps.logger[severity](event.message, { code: event.code });
  await deps.ledger.saveEvent({ ...event, severity, source: 'trading-bot', context: {} });
}
