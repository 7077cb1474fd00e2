/** Why a trade ended, read from the fill that closed it. */
import { legOfOrderLinkId, type Leg } from '../orders/ids.js';
import type { Execution } from '../orders/order.js';
import type { ExitReason } from '../ports/ledger.js';

/** An exit order of ours says only that we closed; the trade's own record knows for whose sake. */
const REASON_OF_LEG: Record<Leg, ExitReason> = { entry: 'external', exit: 'signal', protect: 'unprotected' };

/** Values of Bybit V5's enums stopOrderType and createType. */
const STOP_TYPES = ['StopLoss', 'PartialStopLoss', 'TrailingStop'];
const STOP_CREATORS = ['CreateByStopLoss', 'CreateByPartialStopLoss', 'CreateByTrailingStop'];
const TARGET_TYPES = ['TakeProfit', 'PartialTakeProfit'];
const TARGET_CREATORS = ['CreateByTakeProfit', 'CreateByPartialTakeProfit'];
const LIQUIDATION_CREATORS = ['CreateByLiq', 'CreateByTakeOver_PassThrough'];

export function exitReasonOf(execution: Execution): ExitReason {
  const { execType, stopOrderType, createType, orderLinkId } = execution;
  if (execType === 'BustTrade' || LIQUIDATION_CREATORS.includes(createType)) return 'liquidation';
  if (STOP_TYPES.includes(stopOrderType) || STOP_CREATORS.includes(createType)) return 'stop_loss';
  if (TARGET_TYPES.includes(stopOrderType) || TARGET_CREATORS.includes(createType)) return 'take_profit';
  const leg = legOfOrderLinkId(orderLinkId);
  return leg === undefined ? 'external' : REASON_OF_LEG[leg];
}
