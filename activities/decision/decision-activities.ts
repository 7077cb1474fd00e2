/**
 * What the bot workflow asks of the world. All of these are reads, or writes that are idempotent by id: an activity can run twice.
 */
import { catalogueEntry, type ErrorCode } from '../../core/errors/catalogue.js';
import { BOT_STATE_NAME, type BotMemory } from '../../core/ports/bot-memory.js';
import type { Instrument } from '../../core/market/instrument.js';
import type { Interval } from '../../core/market/interval.js';
import type { Order, Position } from '../../core/orders/order.js';
import type { DecisionRow, TradeRow } from '../../core/ports/ledger.js';
import type { RiskLimits } from '../../core/risk/risk-limits.js';
import type { BoundarySchedule } from '../../core/trading/boundary-report.js';
import { withActivityFailures } from '../failure.js';
import { announceVerdicts, ProblemTeller } from './announce-verdicts.js';
import type { DecisionDependencies } from './decision-dependencies.js';
import { evaluateBoundary, type BoundaryRequest } from './evaluate-boundary.js';
import { newestBoundary } from './newest-boundary.js';

export interface BotEvent {
  eventId: string;
  atMs: number;
  /** null: nothing went wrong */
  code: ErrorCode | null;
  message: string;
}

/** A strategy of the configuration, before it was evaluated. */
export interface KnownStrategy {
  name: string;
  symbol: string;
  interval: Interval;
  /** as the configuration says */
  enabled: boolean;
}

/** A decision to record, and the bot's memory when the ledger does not have it yet: one write for both. */
export interface DecisionRecord {
  decision: DecisionRow;
  memory: BotMemory | null;
}

/** What is asked before a position is closed by hand, or the emergency latch released. */
export interface AccountNow {
  positions: Position[];
  openOrders: Order[];
}

export interface RecoveredBot {
  memory: BotMemory | null;
  decidedThroughMs: number;
  openTrades: TradeRow[];
  schedule: BoundarySchedule;
  limits: RiskLimits;
  strategies: KnownStrategy[];
}

export type DecisionActivities = ReturnType<typeof createDecisionActivities>;

export function createDecisionActivities(deps: DecisionDependencies) {
  const problems = new ProblemTeller(deps.logger);
  return withActivityFailures({
    evaluateBoundary: async (request: BoundaryRequest) => {
      const report = await evaluateBoundary(deps, request);
      problems.tell(report.strategies, request.closeMs);
      return report;
    },
    newestBoundary: (enabledOverrides: Record<string, boolean>) => newestBoundary(deps, enabledOverrides),
    recoverBot: () => recoverBot(deps),
    recordDecision: (record: DecisionRecord) => recordDecision(deps, record),
    saveBotMemory: (memory: BotMemory) => saveBotMemory(deps, memory),
    accountNow: () => accountNow(deps),
    lotRules: (symbol: string) => lotRules(deps, symbol),
    tradeFromLedger: (tradeId: string) => deps.ledger.trade(tradeId),
    recordEvent: (event: BotEvent) => recordEvent(deps, event),
  }, deps.logger);
}

/** What the ledger knows of an earlier life of the bot; Temporal's history is never the only copy of a fact. */
async function recoverBot(deps: DecisionDependencies): Promise<RecoveredBot> {
  const { ledger } = deps;
  const { schedule, limits, strategies } = deps.configuration.current();
  const [memory, decidedThroughMs, openTrades] = await Promise.all([ledger.state(BOT_STATE_NAME), ledger.decidedThroughMs(), ledger.openTrades()]);
  return {
    memory: memory as BotMemory | null, decidedThroughMs, openTrades, schedule, limits,
    strategies: strategies.map(({ name, symbol, interval, enabled }) => ({ name, symbol, interval, enabled })),
  };
}

async function accountNow({ exchange }: DecisionDependencies): Promise<AccountNow> {
  const [positions, openOrders] = await Promise.all([exchange.positions(), exchange.openOrders()]);
  return { positions, openOrders };
}

async function lotRules({ instruments }: DecisionDependencies, symbol: string): Promise<Pick<Instrument, 'qtyStep' | 'minOrderQty'>> {
  const { qtyStep, minOrderQty } = await instruments.get(symbol);
  return { qtyStep, minOrderQty };
}

/** Told once it is recorded: while the ledger is away the record is tried again every second. */
async function recordDecision(deps: DecisionDependencies, { decision, memory }: DecisionRecord): Promise<void> {
  if (memory !== null) await saveBotMemory(deps, memory);
  await deps.ledger.saveDecision(decision);
  announceVerdicts(deps.logger, decision);
}

function saveBotMemory({ ledger }: DecisionDependencies, memory: BotMemory): Promise<void> {
  return ledger.saveState(BOT_STATE_NAME, { ...memory });
}

async function recordEvent(deps: DecisionDependencies, event: BotEvent): Promise<void> {
  const severity = event.code === null ? 'info' : catalogueEntry(event.code).severity;
  deps.logger[severity](event.message, event.code === null ? {} : { code: event.code });
  await deps.ledger.saveEvent({ ...event, severity, source: 'trading-bot', context: {} });
}
