/**
 * Closes a position that no trade of the bot holds, whole or in part, because an operator asked for it. Reduce-only: whatever
 * happens meanwhile, the position can only shrink.
 */
import { log, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { TradeActivities } from '../activities/trade/trade-activities.js';
import { toDecimalString, type DecimalString } from '../core/money/decimal.js';
import { untilDone } from './until-done.js';

export interface ClosingInput {
  /** stands where a trade's id would: the orders' link ids are made of it */
  closeId: string;
  symbol: string;
  /** base coin: what is to stay open */
  keep: DecimalString;
  /** exchange ms */
  decidedMs: number;
  reason: string;
  actor: string;
}

export interface ClosingResult {
  /** base coin, what is open now */
  left: DecimalString;
  /** why nothing was closed; null when it was */
  refusal: string | null;
}

const NEXT_ORDER_DELAY_MS = 500;
const activities = proxyActivities<Pick<TradeActivities, 'closePosition' | 'recordClosing'>>({
  startToCloseTimeout: 20_000, retry: { initialInterval: 200, backoffCoefficient: 2, maximumInterval: 5_000 },
});

export async function closePosition(input: ClosingInput): Promise<ClosingResult> {
  setCurrentDetails(`Closing ${input.symbol} down to ${input.keep}: ${input.reason} (${input.actor})`);
  const result = await reduce(input);
  const { closeId, symbol, decidedMs, reason, actor } = input;
  const { workflowId } = workflowInfo();
  await untilDone('record the closing', () => activities.recordClosing({ closeId, symbol, decidedMs, reason, actor, workflowId, ...result }));
  setCurrentDetails(result.refusal ?? `Closed ${input.symbol} down to ${result.left}`);
  return result;
}

async function reduce({ closeId, symbol, keep, decidedMs }: ClosingInput): Promise<ClosingResult> {
  const trade = { tradeId: closeId, symbol, decidedMs };
  for (let epoch = 0; ; epoch += 1) {
    const outcome = await untilDone('close the position', () => activities.closePosition({ trade, leg: 'exit', epoch, purpose: 'operator', keep }));
    switch (outcome.kind) {
      case 'flat':
        return { left: toDecimalString('0'), refusal: null };
      case 'reduced':
        return { left: outcome.size, refusal: null };
      case 'refused':
        return { left: keep, refusal: outcome.message };
      case 'remains':
        log.warn('Closing order left more standing than wanted', { closeId, size: outcome.size, message: outcome.message });
        await sleep(NEXT_ORDER_DELAY_MS);
    }
  }
}
