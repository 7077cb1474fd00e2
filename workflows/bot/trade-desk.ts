/**
 * The bot's dealings with its trades: starts them, asks them to exit or to look again, and books what they report.
 * The state it changes is the bot's; the trades are workflows of their own and outlive the bot.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, log, ParentClosePolicy, startChild } from '@temporalio/workflow';
import { closeIdFor } from '../../core/orders/ids.js';
import type { TradeRow, TradeTimings } from '../../core/ports/ledger.js';
import { tradeClosed, tradeReduced, tradeSettled } from '../../core/risk/risk-state.js';
import type { BoundaryAction } from '../../core/trading/decide-boundary.js';
import { CLOSING_WORKFLOW_TYPE, exitTradeSignal, inspectTradeSignal, TRADE_WORKFLOW_TYPE, tradeWorkflowId, WORKFLOW_TASK_TIMEOUT_MS, type ExitRequest, type TradeReport } from '../messages.js';
import { SIDE_KEY, STATE_KEY, STRATEGY_KEY, SYMBOL_KEY } from '../search-attributes.js';
import type { ClosingInput } from '../close-position.js';
import type { TradeInput } from '../trade.js';
import { reads } from './bot-activities.js';
import type { BotState, BotTrade } from './bot-state.js';

type Entry = Extract<BoundaryAction, { kind: 'enter' }>;

export class TradeDesk {
  constructor(private readonly state: BotState) {}

  async open(entry: Entry, timed: Pick<TradeTimings, 'candleCloseMs' | 'receivedAtMs' | 'decidedAtMs'>): Promise<void> {
    const trade = tradeOf(entry, timed.candleCloseMs);
    this.state.trades = [...this.state.trades, trade];
    const timings = { ...timed, sentAtMs: null, acknowledgedAtMs: null, filledAtMs: null };
    await this.start({ ...rowOf(trade, entry), timings }, { entry: entry.order, exit: undefined });
  }

  /** Takes up a trade that the ledger knows as open: it runs already, or its workflow was lost and starts from the row. */
  async resume(row: TradeRow): Promise<void> {
    await this.start(row, { entry: undefined, exit: undefined });
    await this.inspect(row.tradeId);
  }

  async exit(tradeId: string, request: ExitRequest): Promise<void> {
    this.replace(tradeId, (trade) => ({ ...trade, state: 'closing' }));
    await this.tell(tradeId, { send: () => getExternalWorkflowHandle(tradeWorkflowId(tradeId)).signal(exitTradeSignal, request), exit: request });
  }

  /** Closes a part; the trade stays open with the rest and reports its new quantity. */
  async reduce(tradeId: string, request: ExitRequest): Promise<void> {
    await this.tell(tradeId, { send: () => getExternalWorkflowHandle(tradeWorkflowId(tradeId)).signal(exitTradeSignal, request), exit: request });
  }

  /** A position that no trade of ours holds gets a small workflow of its own. Returns its id. */
  async closeForeign(closing: Omit<ClosingInput, 'closeId'>, requestId: string): Promise<string> {
    const closeId = closeIdFor({ symbol: closing.symbol, requestId });
    const workflowId = `close-${closeId}`;
    try {
      await startChild(CLOSING_WORKFLOW_TYPE, {
        workflowId, args: [{ ...closing, closeId }], parentClosePolicy: ParentClosePolicy.ABANDON, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS, workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `close ${closing.symbol}`, typedSearchAttributes: [{ key: SYMBOL_KEY, value: closing.symbol }],
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    return workflowId;
  }

  async inspect(tradeId: string): Promise<void> {
    await this.tell(tradeId, { send: () => getExternalWorkflowHandle(tradeWorkflowId(tradeId)).signal(inspectTradeSignal), exit: undefined });
  }

  /** Books a report; the same report twice changes nothing. */
  book(report: TradeReport): void {
    const trade = this.state.trades.find(({ tradeId }) => tradeId === report.tradeId);
    if (!trade) return;
    switch (report.state) {
      case 'open':
        this.replace(report.tradeId, (held) => ({ ...held, qty: report.qty, state: held.state === 'closing' ? 'closing' : 'open' }));
        this.state.risk = tradeSettled(this.state.risk, { kind: 'open', tradeId: report.tradeId, settledMs: trade.decidedMs });
        this.state.risk = tradeReduced(this.state.risk, { tradeId: report.tradeId, fromQty: trade.qty, toQty: report.qty });
        return;
      case 'failed':
        this.state.risk = tradeSettled(this.state.risk, { kind: 'failed', tradeId: report.tradeId });
        return this.drop(report.tradeId);
      case 'closed':
        this.bookClosure(trade, report);
        return this.drop(report.tradeId);
    }
  }

  private bookClosure(trade: BotTrade, report: TradeReport): void {
    const closure = { tradeId: trade.tradeId, symbol: trade.symbol, exitReason: report.exitReason ?? 'external', closedMs: report.closedMs ?? trade.decidedMs };
    this.state.risk = tradeClosed(this.state.risk, closure, this.state.limits);
  }

  private async start(trade: TradeRow, { entry, exit }: Pick<TradeInput, 'entry' | 'exit'>): Promise<void> {
    const input: TradeInput = { trade, entry, exitEpoch: 0, exit };
    try {
      await startChild(TRADE_WORKFLOW_TYPE, {
        workflowId: tradeWorkflowId(trade.tradeId),
        args: [input],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS,
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        staticSummary: `${trade.side} ${trade.symbol} by ${trade.strategy}`,
        typedSearchAttributes: [
          { key: SYMBOL_KEY, value: trade.symbol },
          { key: STRATEGY_KEY, value: trade.strategy },
          { key: SIDE_KEY, value: trade.side },
          { key: STATE_KEY, value: trade.state },
        ],
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      log.info('Trade workflow exists already', { tradeId: trade.tradeId });
    }
  }

  /** A trade that cannot be told has no running workflow: the ledger knows whether it is over, or must be taken up again. */
  private async tell(tradeId: string, { send, exit }: { send(): Promise<void>; exit: ExitRequest | undefined }): Promise<void> {
    try {
      await send();
    } catch {
      await this.takeFromLedger(tradeId, exit);
    }
  }

  private async takeFromLedger(tradeId: string, exit: ExitRequest | undefined): Promise<void> {
    try {
      const row = await reads.tradeFromLedger(tradeId);
      if (!row) return;
      if (row.state === 'closed' || row.state === 'failed') this.book(reportOf(row, row.state));
      else await this.start(row, { entry: undefined, exit });
    } catch (error) {
      log.warn('Neither the trade nor the ledger answers; asking again at the next candle', { tradeId, error: error instanceof Error ? error.message : 'unknown' });
    }
  }

  private replace(tradeId: string, change: (trade: BotTrade) => BotTrade): void {
    this.state.trades = this.state.trades.map((trade) => (trade.tradeId === tradeId ? change(trade) : trade));
  }

  private drop(tradeId: string): void {
    this.state.trades = this.state.trades.filter((trade) => trade.tradeId !== tradeId);
  }
}

function tradeOf(entry: Entry, decidedMs: number): BotTrade {
  const { tradeId, symbol, side, qty, stopLoss, takeProfit } = entry.order;
  return { tradeId, strategy: entry.strategy, symbol, side, qty, stopLoss, takeProfit: takeProfit ?? null, decidedMs, referencePrice: entry.referencePrice, state: 'opening' };
}

function rowOf(trade: BotTrade, entry: Entry): TradeRow {
  const { tradeId, strategy, symbol, side, qty, stopLoss, takeProfit, decidedMs, referencePrice } = trade;
  return {
    tradeId, strategy, symbol, side, qty, stopLoss, takeProfit, decidedMs, referencePrice, state: 'intended', leverage: entry.order.leverage,
    entryPrice: null, exitPrice: null, openedMs: null, closedMs: null, exitReason: null, grossPnl: null, fees: null, funding: null, realisedPnl: null,
    errorCode: null, errorMessage: null, workflowId: tradeWorkflowId(tradeId), timings: null,
  };
}

function reportOf(row: TradeRow, state: 'closed' | 'failed'): TradeReport {
  return {
    tradeId: row.tradeId, state, qty: row.qty, exitReason: row.exitReason ?? undefined, closedMs: row.closedMs ?? undefined,
    realisedPnl: row.realisedPnl ?? undefined, message: 'read from the ledger',
  };
}
