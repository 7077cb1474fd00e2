/** What orchestration tests ask of a running stack, and how they wait for the answer. */
import { expect, vi } from 'vitest';
import { tradeIdFor } from '../../core/orders/ids.js';
import type { Position } from '../../core/orders/order.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import { accountChangedSignal, BOT_WORKFLOW_ID, statusQuery, tradeWorkflowId, type BotStatus } from '../../workflows/messages.js';
import type { BotState } from '../../workflows/bot/bot-state.js';
import type { TradingStack } from '../support/trading-stack.js';

const PATIENCE_MS = 25_000;
const ASK_EVERY_MS = 25;

/** Repeats until it throws no more; fails with what it threw last. */
export function eventually<T>(expectation: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(expectation, { timeout: PATIENCE_MS, interval: ASK_EVERY_MS });
}

/** The id of the trade that a scripted strategy decides at a candle close. */
export function scriptedTradeId({ name, symbol }: { name: string; symbol: string }, decidedMs: number): string {
  return tradeIdFor({ strategy: name, symbol, decidedMs });
}

export async function tradeRow(stack: TradingStack, tradeId: string): Promise<TradeRow> {
  const row = await stack.ledger.trade(tradeId);
  if (!row) throw new Error(`the ledger knows no trade ${tradeId}`);
  return row;
}

export function tradeHandle(stack: TradingStack, tradeId: string): ReturnType<TradingStack['client']['workflow']['getHandle']> {
  return stack.client.workflow.getHandle(tradeWorkflowId(tradeId));
}

export async function positionOn(stack: TradingStack, symbol: string): Promise<Position | undefined> {
  return (await stack.exchange.positions()).find((position) => position.symbol === symbol);
}

export function botStatus(stack: TradingStack): Promise<BotStatus> {
  return stack.client.workflow.getHandle(BOT_WORKFLOW_ID).query(statusQuery);
}

/** Everything the bot would carry into its next run. */
export function botState(stack: TradingStack): Promise<BotState> {
  return stack.client.workflow.getHandle(BOT_WORKFLOW_ID).query<BotState>('internalState');
}

/** The server suggests a new run at 4 MB of history; a signal may carry half a megabyte. */
const FILLING = 'x'.repeat(450_000);

/** Fills the history of a workflow's present run with signals that mean nothing until it has begun its next run. */
export async function fillHistory(stack: TradingStack, workflowId: string, signal: { name: string; carrying(filling: string): unknown }): Promise<void> {
  const { runId } = await stack.client.workflow.getHandle(workflowId).describe();
  const run = stack.client.workflow.getHandle(workflowId, runId);
  await eventually(async () => {
    const { status } = await run.describe();
    if (status.name === 'RUNNING') await run.signal(signal.name, signal.carrying(FILLING));
    expect(status.name).toBe('CONTINUED_AS_NEW');
  });
}

export function fillBotHistory(stack: TradingStack): Promise<void> {
  return fillHistory(stack, BOT_WORKFLOW_ID, { name: accountChangedSignal.name, carrying: (filling) => ({ symbols: [filling] }) });
}

export function eventsWithCode(stack: TradingStack, code: number): Promise<{ message: string; source: string }[]> {
  return stack.database.query('select message, source from events where code = $1', [code]);
}
