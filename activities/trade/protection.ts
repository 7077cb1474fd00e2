/** Verifies that a position carries its exchange-side stop, and sets it when it does not. Never touches the ledger: protection waits for nothing. */
import { isBotError } from '../../core/errors/bot-error.js';
import { dec, type DecimalString } from '../../core/money/decimal.js';
import type { Position } from '../../core/orders/order.js';
import type { TradeDependencies } from './trade-dependencies.js';

export type Protection = { kind: 'protected' } | { kind: 'flat' } | { kind: 'unprotected'; message: string };

export interface ProtectionPlan {
  symbol: string;
  stopLoss: DecimalString;
  takeProfit: DecimalString | null;
}

export async function ensureProtection(deps: TradeDependencies, plan: ProtectionPlan): Promise<Protection> {
  const before = await positionOn(deps, plan.symbol);
  if (!before) return { kind: 'flat' };
  if (carriesStop(before)) return { kind: 'protected' };
  const refusal = await setStop(deps, plan);
  const after = await positionOn(deps, plan.symbol);
  if (!after) return { kind: 'flat' };
  return carriesStop(after) ? { kind: 'protected' } : { kind: 'unprotected', message: refusal ?? 'the exchange accepted the stop but does not show it' };
}

export async function positionOn(deps: TradeDependencies, symbol: string): Promise<Position | undefined> {
  const positions = await deps.exchange.positions();
  return positions.find((position) => position.symbol === symbol && !dec(position.size).isZero());
}

function carriesStop(position: Position): boolean {
  return !dec(position.stopLoss).isZero();
}

/** A refused stop is an answer, not a failure: the caller closes the position. Anything unclear is thrown and retried. */
async function setStop(deps: TradeDependencies, plan: ProtectionPlan): Promise<string | undefined> {
  const { symbol, stopLoss, takeProfit } = plan;
  try {
    await deps.exchange.setProtection({ symbol, stopLoss, ...(takeProfit === null ? {} : { takeProfit }) });
    return undefined;
  } catch (error) {
    if (isBotError(error) && error.outcome === 'definite' && !error.retryable) return error.message;
    throw error;
  }
}
