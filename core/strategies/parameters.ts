/**
 * Parameters that every strategy has, as zod schemas. Values stay what the configuration file says (JSON numbers), so that
 * parsing parsed parameters again changes nothing: they travel through workflows and the ledger.
 */
import { z } from 'zod';
import { INTERVALS } from '../market/interval.js';
import { toDecimalString, type DecimalString } from '../money/decimal.js';

export const symbolParameter = z.string().regex(/^[A-Z0-9]{2,20}USDT$/, 'must be a USDT perpetual such as "BTCUSDT"');
export const intervalParameter = z.enum(INTERVALS);
/** percent of entry price; the range is that of `trading.stop_loss_percent` */
export const stopLossParameter = z.number().min(0.1).max(20);
/** percent of entry price */
export const takeProfitParameter = z.number().min(0.1).max(100);
export const rsiPeriodParameter = z.int().min(2).max(100);

export function percentText(percent: number): DecimalString {
  return toDecimalString(String(percent));
}
